using OrderFlow.NotificationService.Channels;

namespace OrderFlow.Tests.Support.Services;

/// <summary>Notifies nobody, and remembers the messages that it should have sent.</summary>
internal sealed class RecordingChannel : ICustomerChannel
{
    private readonly List<CustomerMessage> _told = [];

    public string Name => "recording";

    public bool ReachesOutside { get; set; } = true;

    public IReadOnlyList<CustomerMessage> Told => _told;

    /// <summary>Runs while the customer is being notified.</summary>
    public Action Telling { get; set; } = () => { };

    public Task SendAsync(CustomerMessage message, CancellationToken cancellationToken)
    {
        Telling();
        _told.Add(message);
        return Task.CompletedTask;
    }
}
