namespace OrderFlow.Messaging.Diagnostics;

/// <summary>What the bus is called in telemetry.</summary>
public static class MessagingTelemetry
{
    /// <summary>The name of its meter and of its span source.</summary>
    public const string Name = "OrderFlow.Messaging";
}
