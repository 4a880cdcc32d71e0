namespace OrderFlow.Messaging.Publishing;

/// <summary>An event that the broker did not take.</summary>
public sealed class PublishException(PublishFailure reason, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>Why, as the metric <c>events_publish_failures_total</c> labels it.</summary>
    public PublishFailure Reason { get; } = reason;

    /// <summary>
    /// Whether the event may be with the broker all the same. <see langword="false"/> only when that is certain: it never left, or
    /// the broker gave it back. By default what <see cref="Reason"/> alone can promise.
    /// </summary>
    public bool MayHaveArrived { get; init; } = reason is PublishFailure.Disconnected or PublishFailure.TimedOut or PublishFailure.Nacked;
}

/// <summary>Why an event was not published.</summary>
public enum PublishFailure
{
    /// <summary>There is no connection to the broker, or it was lost before the confirm came.</summary>
    Disconnected,

    /// <summary>No queue is bound for the event's wire type.</summary>
    Unroutable,

    /// <summary>The broker refused it (a full queue, for example).</summary>
    Nacked,

    /// <summary>No confirm came in time.</summary>
    TimedOut,

    /// <summary>Too many events already wait for their confirm, or the broker has blocked the connection.</summary>
    Overloaded,
}
