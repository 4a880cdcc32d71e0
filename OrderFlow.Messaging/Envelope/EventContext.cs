using System.Text.Json.Serialization;
using OrderFlow.Messaging.LatencyLedger;

namespace OrderFlow.Messaging.Envelope;

/// <summary>
/// What travels with an event beside its body: who it is, which flow it belongs to, what caused it and when it all began.
/// Immutable; a handler never writes one by hand, because publishing from a handler derives it.
/// </summary>
public sealed record EventContext
{
    /// <summary>Id of this event, a UUIDv7; AMQP property <c>message-id</c>.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Id of the whole flow, the same on every event of it; AMQP property <c>correlation-id</c>.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>The flow's name, such as <c>OrderCreationFlow</c>; header <c>flow</c>.</summary>
    public required string Flow { get; init; }

    /// <summary>When the flow began, in microseconds since the Unix epoch; header <c>origin-timestamp</c>, copied unchanged.</summary>
    public required long OriginTimestampMicros { get; init; }

    /// <summary>
    /// Event id of the event that caused this one; <see langword="null"/> on the first of a flow. Header <c>causation-id</c>.
    /// </summary>
    public Guid? CausationId { get; init; }

    /// <summary>When this event was published, in microseconds since the Unix epoch; 0 before it is. Header <c>published-at</c>.</summary>
    public long PublishedAtMicros { get; init; }

    /// <summary>Schema version of the body as it was published, which writes it; header <c>event-version</c>.</summary>
    public int EventVersion { get; init; } = 1;

    /// <summary>What ordering is kept by, for an order its id; header <c>aggregate-id</c>.</summary>
    public string? AggregateId { get; init; }

    /// <summary>Header <c>tenant-id</c>.</summary>
    public string? TenantId { get; init; }

    /// <summary>Header <c>user-id</c>.</summary>
    public string? UserId { get; init; }

    /// <summary>1 on the first delivery, one more per retry; header <c>attempt</c>.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>Whether an operator sent the event back from a dead-letter queue; header <c>replayed</c>.</summary>
    public bool Replayed { get; init; }

    /// <summary>
    /// The worst that happened to the flow before this event; header <c>flow-attempt</c>, absent for <see cref="FlowAttempt.First"/>.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public FlowAttempt FlowAttempt { get; init; }

    /// <summary>The worst that happened to the flow, this event's handling so far included: what later events inherit.</summary>
    [JsonIgnore]
    public FlowAttempt WorstAttempt =>
        Replayed ? FlowAttempt.Replayed : Attempt > 1 && FlowAttempt == FlowAttempt.First ? FlowAttempt.Retried : FlowAttempt;

    /// <summary>
    /// Where the flow's time went so far; header <c>stages</c>. Kept by the bus; no part of what makes two contexts equal.
    /// </summary>
    [JsonIgnore]
    public OpenLedger? Stages { get; init; }

    /// <summary>The same where nobody has begun to keep it.</summary>
    [JsonIgnore]
    public OpenLedger Ledger => Stages ?? OpenLedger.Begin(new ClockReading(OriginTimestampMicros, null), time: null);

    /// <summary>Where the flow's time went from its origin until now, what the event has spent here included.</summary>
    /// <param name="time">The clock that the service runs on.</param>
    public FlowLedger LedgerUntilNow(TimeProvider time)
    {
        var now = ClockReading.Now(time);
        return FlowLedger.Read(Ledger.WriteAt(now, end: true)) ?? FlowLedger.Unknown(now.Micros - OriginTimestampMicros);
    }

    /// <summary>Begins a flow now.</summary>
    /// <param name="flow">The flow's name.</param>
    /// <param name="time">The clock that gives the origin timestamp.</param>
    /// <param name="correlationId">The caller's id for the flow; a new UUIDv7 when absent.</param>
    public static EventContext StartFlow(string flow, TimeProvider time, string? correlationId = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        var origin = ClockReading.Now(time);
        var now = UnixMicroseconds.ToTime(origin.Micros);
        return new EventContext
        {
            EventId = Guid.CreateVersion7(now),
            CorrelationId = correlationId ?? Guid.CreateVersion7(now).ToString(),
            Flow = flow,
            OriginTimestampMicros = origin.Micros,
            Stages = OpenLedger.Begin(origin, time),
        };
    }

    /// <summary>The context of an event caused by this one: same flow, correlation and origin, a new identity.</summary>
    public EventContext Caused(TimeProvider time) => this with
    {
        EventId = Guid.CreateVersion7(time.GetUtcNow()),
        CausationId = EventId,
        PublishedAtMicros = 0,
        // That of the event it becomes the context of, once it is known which.
        EventVersion = 1,
        Attempt = 1,
        Replayed = false,
        FlowAttempt = WorstAttempt,
    };

    /// <summary>The context of a body of this version.</summary>
    public EventContext OfVersion(int version) => EventVersion == version ? this : this with { EventVersion = version };

    /// <summary>The context from when the event's time is spent on something else.</summary>
    public EventContext Enter(Stage stage, TimeProvider time) => this with { Stages = Ledger.Enter(stage, time) };
}
