using OrderFlow.Messaging.Configuration;

namespace OrderFlow.Messaging.Handlers;

/// <summary>
/// Thrown by a handler that must not be called again for this event before a time has passed, because whom it asks says so or is known to
/// be of no use until then. There is no retry in the process; the event waits in the retry tiers, for at least that long.
/// </summary>
/// <param name="message">What happened.</param>
/// <param name="delay">The least time until the next attempt; more than 24 h counts as 24 h.</param>
/// <param name="innerException">What it follows from.</param>
public class RetryAfterException(string message, TimeSpan delay, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>The least time until the next attempt.</summary>
    public TimeSpan Delay { get; } = delay < RetryDelays.Longest ? delay : RetryDelays.Longest;

    /// <summary>
    /// Whether the attempt uses up one of the event's delayed retries. Default: <c>true</c>. <c>false</c> when it says nothing about the
    /// event, which was not even tried: then it waits as often as needed, and never becomes a dead letter for it.
    /// </summary>
    public bool UsesUpRetry { get; init; } = true;
}
