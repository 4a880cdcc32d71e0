using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Messaging.Postgres.Outbox;

/// <summary>What travels with an event, as the outbox's column <c>context</c> holds it.</summary>
/// <param name="Event">The event's own.</param>
/// <param name="Trace">The trace of the handler that caused it.</param>
/// <param name="Ledger">Where the flow's time went.</param>
/// <param name="DueAtMicros">Until when it waits on purpose, in microseconds since the Unix epoch, if it was scheduled.</param>
internal sealed record StoredContext(EventContext Event, TraceContext Trace, StoredLedger? Ledger = null, long? DueAtMicros = null)
{
    public static byte[] Write(EncodedEvent @event) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new StoredContext(
                @event.Context,
                @event.Trace,
                StoredLedger.Of(@event.Context),
                @event.DueAt is { } due ? UnixMicroseconds.From(due) : null),
            DurabilityJson.Default.StoredContext);

    /// <summary>The event whose context, <paramref name="json"/>, was stored beside its type and its body.</summary>
    /// <exception cref="JsonException">It is not what this version writes.</exception>
    public static EncodedEvent Restore(string wireType, string json, byte[] body)
    {
        var stored = Read(json);
        return new EncodedEvent(wireType, stored.Event, body, stored.Trace)
        {
            DueAt = stored.DueAtMicros is { } due ? UnixMicroseconds.ToTime(due) : null,
        };
    }

    public static StoredContext Read(string json)
    {
        var stored = JsonSerializer.Deserialize(json, DurabilityJson.Default.StoredContext) ?? throw new JsonException(
            "The context of an outbox row is null.");
        if (stored.DueAtMicros < 0 || stored.DueAtMicros > UnixMicroseconds.Last)
        {
            throw new JsonException($"dueAtMicros is {stored.DueAtMicros}, which is no time.");
        }

        var stages = StoredLedger.Continue(stored.Ledger, stored.Event.OriginTimestampMicros, stored.DueAtMicros);
        return stored with { Event = stored.Event with { Stages = stages } };
    }
}

/// <summary>Where the flow's time went until an event was captured.</summary>
/// <param name="Stages">As the header of the same name says it.</param>
/// <param name="Hop">Wire type of the event that was handled.</param>
internal sealed record StoredLedger(string Stages, string? Hop = null)
{
    public static StoredLedger Of(EventContext context) => new(Encoding.ASCII.GetString(context.Ledger.Write()), context.Ledger.Hop);

    /// <summary>
    /// The row is published later, by whoever sweeps it: until then it waits in the outbox. What an older version wrote has no ledger.
    /// </summary>
    public static OpenLedger Continue(StoredLedger? stored, long originMicros, long? dueAtMicros)
    {
        var text = stored is null ? [] : Encoding.ASCII.GetBytes(stored.Stages);
        return !LedgerText.TryRead(text, out var micros, out var ended) ? OpenLedger.Continue(
            default, originMicros, hop: null, Stage.Unaccounted)
            : ended ? OpenLedger.Ended(text)
            : dueAtMicros is { } due && due > originMicros + micros
                ? OpenLedger.Continue(text, originMicros + micros, stored!.Hop, Stage.Scheduled).Enter(
                    Stage.Outbox, new ClockReading(due, null))
            : OpenLedger.Continue(text, originMicros + micros, stored!.Hop, Stage.Outbox);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(StoredContext))]
internal sealed partial class DurabilityJson : JsonSerializerContext;
