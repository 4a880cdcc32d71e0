using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>What the new events of a batch change about one flow.</summary>
/// <param name="first">One of its events.</param>
/// <param name="firstDay">The first day that is kept.</param>
internal sealed class FlowChange(StoredEvent first, DateOnly firstDay)
{
    private DateTimeOffset? _ended;

    public string CorrelationId { get; } = first.CorrelationId;

    public string AggregateId { get; } = first.AggregateId ?? "";

    public string Flow { get; private set; } = first.Flow;

    public string? UserId { get; private set; } = first.UserId;

    public string? TenantId { get; private set; } = first.TenantId;

    public long OriginMicros { get; private set; } = first.OriginMicros;

    public DateTime? EndedAt => _ended?.UtcDateTime;

    public string? EndType { get; private set; }

    public string? Outcome { get; private set; }

    public int Events { get; private set; }

    public long LastPublishedMicros { get; private set; } = first.PublishedMicros;

    /// <summary>The ledger of the end that counts, which is the first, as it came.</summary>
    public string? Stages { get; private set; }

    /// <summary>The worst that had happened until then.</summary>
    public string? Attempt { get; private set; }

    /// <summary>Where its events are.</summary>
    public SortedSet<long> Chunks { get; } = [];

    /// <summary>The same as PostgreSQL writes an array.</summary>
    public string ChunksText => $"{{{string.Join(',', Chunks)}}}";

    public DateTime StartedAt => UnixMicroseconds.ToTime(OriginMicros).UtcDateTime;

    public DateTime LastPublishedAt => UnixMicroseconds.ToTime(LastPublishedMicros).UtcDateTime;

    /// <summary>The partition of the flow.</summary>
    public DateOnly Day => DayOf(OriginMicros, firstDay);

    /// <summary>The day on which a flow began; of one that is older than what is kept, the first that is.</summary>
    public static DateOnly DayOf(long originMicros, DateOnly firstDay) =>
        Retention.Day(UnixMicroseconds.ToTime(originMicros)) is var day && day > firstDay ? day : firstDay;

    public void Add(StoredEvent one, long chunk)
    {
        Events++;
        Chunks.Add(chunk);
        UserId ??= one.UserId;
        TenantId ??= one.TenantId;
        Flow = string.CompareOrdinal(one.Flow, Flow) < 0 ? one.Flow : Flow;
        OriginMicros = Math.Min(OriginMicros, one.OriginMicros);
        LastPublishedMicros = Math.Max(LastPublishedMicros, one.PublishedMicros);
        if (one.WireType == FlowRules.Rejected)
        {
            Outcome = "rejected";
        }
        else if (one.WireType == FlowRules.Completed)
        {
            Outcome ??= "completed";
        }
        else if (one.WireType == FlowRules.End)
        {
            var ended = FlowEnd.Of(one)!.Value;
            EndType = one.WireType;
            if (_ended is null || ended < _ended)
            {
                (_ended, Stages) = (ended, HeaderJson.TextOf(one.Headers, HeaderNames.Stages));
                Attempt = one.FlowAttempt ?? FlowAttempt.First.ToText();
            }
        }
    }
}
