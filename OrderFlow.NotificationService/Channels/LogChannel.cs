namespace OrderFlow.NotificationService.Channels;

/// <summary>Writes the notification as a line in the log.</summary>
internal sealed class LogChannel(ILogger<LogChannel> logger) : ICustomerChannel
{
    public string Name => "log";

    public bool ReachesOutside => false;

    public Task SendAsync(CustomerMessage message, CancellationToken cancellationToken)
    {
        if (logger.IsEnabled(LogLevel.Information))
        {
            Log.CustomerNotified(logger, message.UserId, MaskedEmail.Of(message.Email), message.Subject);
        }

        return Task.CompletedTask;
    }
}
