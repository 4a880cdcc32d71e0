using Npgsql;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Monitor.Ingestion;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Latency;

/// <summary>Reads the ledgers of flows that ended.</summary>
internal sealed class LedgerReader(NpgsqlDataSource database)
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

    private const string OfOrder = """
        SELECT stages, (SELECT body FROM events WHERE aggregate_id = $2 AND correlation_id = $1 AND wire_type = $3 AND version = $4
            ORDER BY published_at LIMIT 1)
        FROM flows WHERE correlation_id = $1 AND aggregate_id = $2
        """;

    private const string Publishers = """
        SELECT cause.wire_type, effect.source
        FROM events effect LEFT JOIN events cause ON cause.event_id = effect.causation_id
        WHERE effect.correlation_id = ANY ($1) AND effect.aggregate_id = ANY ($2) AND (effect.causation_id IS NULL
            OR cause.event_id IS NOT NULL)
        """;

    /// <summary>
    /// The ledger of a flow and what its last event says of the whole; <see langword="null"/> while it has not ended, or when it came
    /// without one.
    /// </summary>
    public async Task<(FlowLedger Ledger, long? EndToEndMicros)?> OfOrderAsync(
        string correlationId, string orderId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(OfOrder);
        command.Parameters.AddRange(
            new[] { Sql.Value(correlationId), Sql.Value(orderId), Sql.Value(FlowRules.End), Sql.Value(FlowRules.EndVersion) });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) && FlowLedger.Read(reader.TextOrNull(0)) is { } ledger
            ? (ledger, reader.IsDBNull(1) ? null : FlowEnd.EndToEndMicrosOf(reader.GetFieldValue<byte[]>(1)))
            : null;
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
        await using var command = database.CreateCommand(Publishers);
        command.Parameters.AddRange(
            new[]
            {
                Sql.Value(witnesses.Select(flow => flow.CorrelationId).ToArray()),
                Sql.Value(witnesses.Select(flow => flow.OrderId).ToArray()),
            });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var published = new List<(string?, string?)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            published.Add((reader.TextOrNull(0), reader.TextOrNull(1)));
        }

        return StageOwners.Of(published);
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
