namespace OrderFlow.Messaging.Publishing;

/// <summary>Events that are stored to be published, such as those of an outbox. Optional: register one as a singleton.</summary>
public interface IPublishBacklog
{
    /// <summary>Publishes what is stored while the service stops: after the last handler, before the connection closes.</summary>
    /// <param name="deadline">Ends it; what is left then stays stored.</param>
    Task DrainAsync(CancellationToken deadline);
}
