using System.Text;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Operations.WireTap;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>An event as it is stored. Times are microseconds since the Unix epoch.</summary>
/// <param name="EventId">Its id.</param>
/// <param name="CorrelationId">Its flow.</param>
/// <param name="CausationId">The event that caused it; <see langword="null"/> for the first of a flow.</param>
/// <param name="WireType">Its type.</param>
/// <param name="Version">The version of its body.</param>
/// <param name="Source">Who published it.</param>
/// <param name="AggregateId">The order.</param>
/// <param name="TenantId">Whose order it is.</param>
/// <param name="UserId">Who ordered.</param>
/// <param name="Flow">The name of the flow.</param>
/// <param name="OriginMicros">When the flow began.</param>
/// <param name="PublishedMicros">When it was published.</param>
/// <param name="Attempt">1, and one more for each retry.</param>
/// <param name="Replayed">Whether an operator sent it back.</param>
/// <param name="TraceParent">The trace that it belongs to.</param>
/// <param name="FlowAttempt">The worst that happened to the flow before; <see langword="null"/> when nothing did.</param>
/// <param name="Headers">Its other headers, as JSON.</param>
/// <param name="Body">Its body, decompressed.</param>
internal sealed record StoredEvent(
    Guid EventId, string CorrelationId, Guid? CausationId, string WireType, int Version, string? Source, string? AggregateId,
    string? TenantId, string? UserId, string Flow, long OriginMicros, long PublishedMicros, int Attempt, bool Replayed,
    string? TraceParent, string? FlowAttempt, string? Headers, ReadOnlyMemory<byte> Body)
{
    private const int LongestTraceParent = 255;

    public static StoredEvent Of(TappedMessage message)
    {
        var context = message.Context!;
        return new StoredEvent(
            context.EventId, context.CorrelationId, context.CausationId, message.WireType!, context.EventVersion, message.Source,
            context.AggregateId, context.TenantId, context.UserId, context.Flow, context.OriginTimestampMicros, context.PublishedAtMicros,
            context.Attempt, context.Replayed, TraceParentOf(message),
            context.FlowAttempt == Messaging.Envelope.FlowAttempt.First ? null : context.FlowAttempt.ToText(),
            HeaderJson.WriteRest(message.Headers), message.Body);
    }

    private static string? TraceParentOf(TappedMessage message) =>
        message.Headers.TryGetValue(HeaderNames.TraceParent, out var value)
            && value is byte[] { Length: <= LongestTraceParent } bytes
            && Ascii.IsValid(bytes)
            && !bytes.AsSpan().Contains((byte)0)
            ? Encoding.ASCII.GetString(bytes)
            : null;
}
