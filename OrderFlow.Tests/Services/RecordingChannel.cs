using OrderFlow.Contracts;
using OrderFlow.NotificationService.NotifyCustomer;

namespace OrderFlow.Tests.Services;

/// <summary>Tells nobody, and remembers whom it should have told.</summary>
internal sealed class RecordingChannel : ICustomerChannel
{
    private readonly List<string> _told = [];

    public string Name => "recording";

    public IReadOnlyList<string> Told => _told;

    /// <summary>Runs while the customer is being told.</summary>
    public Action Telling { get; set; } = () => { };

    public Task TellAsync(OrderProcessed order, CancellationToken cancellationToken)
    {
        Telling();
        _told.Add(order.OrderId);
        return Task.CompletedTask;
    }
}
