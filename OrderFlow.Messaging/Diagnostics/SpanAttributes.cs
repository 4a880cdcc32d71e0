namespace OrderFlow.Messaging.Diagnostics;

/// <summary>What spans of the bus say beyond OpenTelemetry's conventions.</summary>
public static class SpanAttributes
{
    /// <summary>Of a delivery: how long it waited in the consumer before its handling began, in microseconds.</summary>
    public const string BufferMicros = "orderflow.buffer_micros";

    /// <summary>
    /// Of a delivery that begins a trace of its own: what it waited as, <c>StageNames.Retry</c> or <c>StageNames.DeadLetter</c>; of an
    /// event that is sent when it is due, <c>StageNames.Scheduled</c>.
    /// </summary>
    public const string WaitedAs = "orderflow.waited_as";

    /// <summary>Of a delivery that had no effect, because an earlier one of the same event had it.</summary>
    public const string Duplicate = "orderflow.duplicate";
}
