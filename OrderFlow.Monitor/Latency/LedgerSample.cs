using OrderFlow.Messaging.LatencyLedger;

namespace OrderFlow.Monitor.Latency;

/// <summary>Flows of a time: how many ended, and the ledgers of those that were sampled.</summary>
internal sealed record LedgerSample(long Flows, IReadOnlyList<SampledFlow> Ledgers);

/// <summary>Where the time of one flow went.</summary>
internal sealed record SampledFlow(
    string CorrelationId, string OrderId, DateTimeOffset EndedAt, long TotalMicros, IReadOnlyList<LedgerEntry> Entries);
