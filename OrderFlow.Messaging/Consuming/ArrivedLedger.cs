using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;

namespace OrderFlow.Messaging.Consuming;

/// <summary>
/// Continues the ledger that a delivery brings. Whatever is in the header, the event is handled: what cannot be read is lost time.
/// </summary>
internal static class ArrivedLedger
{
    /// <param name="delivery">What came.</param>
    /// <param name="context">What was read of it.</param>
    /// <param name="retried">Whether it comes from a retry, and not from its publisher or a replay.</param>
    /// <param name="time">The clock of this process.</param>
    /// <returns>The ledger, in <see cref="Stage.Buffer"/>, and how long the delivery was under way; negative by the clocks of two
    /// machines.</returns>
    public static (OpenLedger Ledger, long WaitMicros) Continue(Delivery delivery, EventContext context, bool retried, TimeProvider time)
    {
        var headers = delivery.Properties.Headers;
        var waits = retried ? Stage.Retry : Stage.Broker;
        var left = retried && Value(headers, HeaderNames.RetryQueuedAt) is long queued and > 0 && queued <= UnixMicroseconds.Last ? queued
            : context.PublishedAtMicros > 0 ? context.PublishedAtMicros : delivery.Received.Micros;
        OpenLedger? ledger = null;
        if (Value(headers, HeaderNames.Stages) is byte[] text && LedgerText.TryRead(text, out var micros, out var ended))
        {
            var until = context.OriginTimestampMicros + micros;
            if (ended)
            {
                ledger = OpenLedger.Ended(text);
            }
            else if (until == left || (context.Replayed && !retried))
            {
                // A replay is told by the ledger alone.
                left = until;
                ledger = OpenLedger.Continue(text, until, delivery.Properties.Type, waits);
            }
        }

        ledger ??= OpenLedger.Continue(default, context.OriginTimestampMicros, delivery.Properties.Type, Stage.Unaccounted).Enter(
            waits, new ClockReading(left, null));
        return (ledger.Arrive(Stage.Buffer, delivery.Received, time), delivery.Received.Micros - left);
    }

    private static object? Value(IDictionary<string, object?>? headers, string name) =>
        headers?.TryGetValue(name, out var value) == true ? value : null;
}
