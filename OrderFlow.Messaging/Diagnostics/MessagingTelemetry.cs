namespace OrderFlow.Messaging.Diagnostics;

/// <summary>What the bus is called in telemetry, and the names that its libraries share.</summary>
public static class MessagingTelemetry
{
    /// <summary>The name of its meter and of its span source.</summary>
    public const string Name = "OrderFlow.Messaging";

    /// <summary>The label with an event's wire type.</summary>
    public const string EventType = "event_type";

    /// <summary>The label with a handler's name.</summary>
    public const string Handler = "handler";

    /// <summary>The attribute with the type of an error, as OpenTelemetry's conventions have it.</summary>
    public const string ErrorType = "error.type";

    /// <summary>The attribute with how many messages a batch has, as OpenTelemetry's messaging conventions have it.</summary>
    public const string BatchCount = "messaging.batch.message_count";
}
