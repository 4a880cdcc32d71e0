using OrderFlow.Contracts;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>Tells the customer by a line in the log.</summary>
internal sealed class LogChannel(ILogger<LogChannel> logger) : ICustomerChannel
{
    public string Name => "log";

    public Task TellAsync(OrderProcessed order, CancellationToken cancellationToken)
    {
        if (logger.IsEnabled(LogLevel.Information))
        {
            Log.CustomerTold(logger, order.OrderId, order.UserId, MaskedEmail.Of(order.Email));
        }

        return Task.CompletedTask;
    }
}
