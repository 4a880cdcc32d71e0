using Google.Protobuf;
using OrderFlow.Contracts;
using OrderFlow.Messaging.LatencyLedger;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>
/// When a flow ended. <c>notification.sent</c> says how long it took until the customer was notified, which is what the end-to-end
/// histogram observed, and is published only after that is recorded: so the Monitor shows the same number as Prometheus and the ledger.
/// </summary>
internal static class FlowEnd
{
    private static readonly TimeSpan LargestSkew = TimeSpan.FromDays(1);

    /// <returns><see langword="null"/> for an event that ends no flow; its time of publishing when it does not say when.</returns>
    public static DateTimeOffset? Of(StoredEvent one)
    {
        if (one.WireType != FlowRules.End)
        {
            return null;
        }

        var published = UnixMicroseconds.ToTime(one.PublishedMicros);
        if (one.Version != FlowRules.EndVersion || EndToEndMicrosOf(one.Body) is not { } micros
            || micros < -LargestSkew.TotalMicroseconds || micros > one.PublishedMicros - one.OriginMicros)
        {
            return published;
        }

        return UnixMicroseconds.ToTime(one.OriginMicros + micros);
    }

    /// <returns><see langword="null"/> when the body cannot be read, or does not say.</returns>
    public static long? EndToEndMicrosOf(ReadOnlyMemory<byte> body)
    {
        try
        {
            return NotificationSent.Parser.ParseFrom(body.Span) is { EndToEndMicros: not 0 and var micros } ? micros : null;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
