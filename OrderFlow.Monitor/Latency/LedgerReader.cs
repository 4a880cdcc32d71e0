using Npgsql;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Monitor.Ingestion;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Latency;

/// <summary>Reads the ledgers of flows that ended.</summary>
internal sealed class LedgerReader(NpgsqlDataSource database, ChunkReader chunks)
{
    /// <summary>Flows of a window that are sampled; of more, an even share. A thousandth of them still are ten.</summary>
    public const int Most = 10_000;

    /// <summary>Flows per event that are asked who handled it.</summary>
    private const int Enough = 3;

    private const string Count = "SELECT count(*) FROM flows WHERE ended_at >= $1 AND ended_at < $2 AND stages IS NOT NULL";

    // The same flows each time, so that a figure does not waver between two samples.
    private const string Sample = """
        SELECT correlation_id, aggregate_id, ended_at, stages FROM flows
        WHERE ended_at >= $1 AND ended_at < $2 AND stages IS NOT NULL
            AND hashtextextended(correlation_id || '/' || aggregate_id, 0) % $3 = 0
        """;

    private const string OfOrder = "SELECT stages FROM flows WHERE correlation_id = $1 AND aggregate_id = $2";

    /// <summary>
    /// The ledger of a flow and what its last event says of the whole; <see langword="null"/> while it has not ended, or when it came
    /// without one.
    /// </summary>
    public async Task<(FlowLedger Ledger, long? EndToEndMicros)?> OfOrderAsync(
        string correlationId, string orderId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(OfOrder);
        command.Parameters.AddRange(new[] { Sql.Value(correlationId), Sql.Value(orderId) });
        if (FlowLedger.Read(await command.ExecuteScalarAsync(cancellationToken) as string) is not { } ledger)
        {
            return null;
        }

        var ends = await chunks.OfFlowsAsync(
            FlowColumn.Order, [orderId],
            one => one.AggregateId == orderId && one.CorrelationId == correlationId && one.WireType == FlowRules.End
                && one.Version == FlowRules.EndVersion,
            cancellationToken);
        return (ledger, ends is [var (end, _), ..] ? FlowEnd.EndToEndMicrosOf(end.Body) : null);
    }

    /// <summary>Ledgers of the flows that ended within a time, <see cref="Most"/> or about as many.</summary>
    public async Task<LedgerSample> SampleAsync(DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var count = new NpgsqlCommand(Count, connection) { Parameters = { Sql.Time(from), Sql.Time(until) } };
        var flows = (long)(await count.ExecuteScalarAsync(cancellationToken))!;
        await using var sample = new NpgsqlCommand(Sample, connection)
        {
            Parameters = { Sql.Time(from), Sql.Time(until), Sql.Value((flows + Most - 1) / Most is > 1 and var share ? share : 1) },
        };
        await using var reader = await sample.ExecuteReaderAsync(cancellationToken);
        var ledgers = new List<SampledFlow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (FlowLedger.Read(reader.GetString(3)) is { } ledger)
            {
                ledgers.Add(new SampledFlow(reader.GetString(0), reader.GetString(1), reader.Time(2), ledger.TotalMicros, ledger.Entries));
            }
        }

        return new LedgerSample(flows, ledgers);
    }

    /// <summary>Who handles the events that spent the time of these flows, as a few flows of each event say.</summary>
    public async Task<StageOwners> OwnersAsync(IReadOnlyList<SampledFlow> flows, CancellationToken cancellationToken)
    {
        var witnesses = Witnesses(flows);
        var orders = witnesses.Select(flow => (flow.CorrelationId, flow.OrderId)).ToHashSet();
        var events = await chunks.OfFlowsAsync(
            FlowColumn.Correlation, [.. witnesses.Select(flow => flow.CorrelationId).Distinct(StringComparer.Ordinal)],
            one => orders.Contains((one.CorrelationId, one.AggregateId ?? "")), cancellationToken);
        var types = events.DistinctBy(one => one.Event.EventId).ToDictionary(one => one.Event.EventId, one => one.Event.WireType);
        return StageOwners.Of(events.Select(one => one.Event)
            .Where(one => one.CausationId is not { } cause || types.ContainsKey(cause))
            .Select(one => (one.CausationId is { } cause ? types[cause] : null, one.Source)));
    }

    /// <summary>The last flows that have each event.</summary>
    private static List<SampledFlow> Witnesses(IReadOnlyList<SampledFlow> flows)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var witnesses = new List<SampledFlow>();
        foreach (var flow in flows.OrderByDescending(flow => flow.EndedAt))
        {
            var hops = flow.Entries
                .Select(entry => entry.Hop ?? "")
                .Distinct(StringComparer.Ordinal)
                .Where(hop => seen.GetValueOrDefault(hop) < Enough)
                .ToList();
            if (hops.Count > 0)
            {
                witnesses.Add(flow);
                hops.ForEach(hop => seen[hop] = seen.GetValueOrDefault(hop) + 1);
            }
        }

        return witnesses;
    }
}
