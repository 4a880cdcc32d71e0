namespace OrderFlow.Messaging.ErrorHandling;

/// <summary>
/// Tells that an exception is the outage of something that handlers need, such as their database, and no fault of the event: it waits, and
/// with it the queue, and is tried until the outage is over. Optional: register one as a singleton.
/// </summary>
public interface IOutageDetector
{
    /// <summary>Whether the exception means an outage.</summary>
    bool IsOutage(Exception exception);
}
