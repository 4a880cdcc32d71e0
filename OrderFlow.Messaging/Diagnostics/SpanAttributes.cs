using OrderFlow.Messaging.LatencyLedger;

namespace OrderFlow.Messaging.Diagnostics;

/// <summary>What spans of the bus say beyond OpenTelemetry's conventions.</summary>
public static class SpanAttributes
{
    /// <summary>Of a delivery: how long it waited in the consumer before its handling began, in microseconds.</summary>
    public const string BufferMicros = "orderflow.buffer_micros";

    /// <summary>
    /// Of a delivery that begins a trace of its own: what it waited as, <see cref="StageNames.Retry"/> or <see cref="StageNames.DeadLetter"/>; of an event that is
    /// sent when it is due, <see cref="StageNames.Scheduled"/>.
    /// </summary>
    public const string WaitedAs = "orderflow.waited_as";

    /// <summary>Of a delivery that had no effect, because an earlier one of the same event had it.</summary>
    public const string Duplicate = "orderflow.duplicate";
}
