namespace OrderFlow.Messaging.Envelope;

/// <summary>
/// What a service, or who decides about its dead letters, tells of an event that was not simply handled. A notice is the event's
/// properties and headers without its body; nobody acts on it, so it goes where only listeners are.
/// </summary>
public static class LifecycleEventNames
{
    /// <summary>The topic exchange of all notices; the routing key is <c>{service}.{kind}</c>.</summary>
    public const string Exchange = "handling.notices";

    /// <summary>The handler failed; the event waits for a delayed retry.</summary>
    public const string RetryQueued = "retry-queued";

    /// <summary>The service gave the event up.</summary>
    public const string DeadLettered = "dead-lettered";

    /// <summary>A dead letter was sent back to its service.</summary>
    public const string Replayed = "replayed";

    /// <summary>An event that had been sent back was handled.</summary>
    public const string Handled = "handled";

    /// <summary>A dead letter was taken out of its queue for good.</summary>
    public const string Discarded = "discarded";

    public static string RoutingKey(string service, string kind) => $"{service}.{kind}";
}
