using Npgsql;
using OrderFlow.Monitor.Ingestion;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Latency;

/// <summary>
/// The latencies of one window, shared by all viewers: counted when somebody asks and the last answer is not fresh any more, and
/// then only the slots that may have changed.
/// </summary>
internal sealed class LatencyHistory(
    LatencyWindow window, NpgsqlDataSource database, StoreProgress progress, TimeProvider time) : IDisposable
{
    private const string Ended = """
        SELECT date_bin($1, ended_at, timestamptz 'epoch'), count(*) FILTER (WHERE NOT replayed),
            percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY total_micros / 1000.0) FILTER (WHERE NOT replayed), count(*)
                FILTER (WHERE replayed)
        FROM (SELECT ended_at, total_micros, attempt IS NOT DISTINCT FROM 'replayed' AS replayed FROM flows
            WHERE ended_at >= $2 AND total_micros >= 0) AS ended GROUP BY 1
        """;

    private const string Failed = """
        SELECT date_bin($1, given_up_at, timestamptz 'epoch'), count(*) FROM flows WHERE given_up_at >= $2 GROUP BY 1
        """;

    private const string Buckets = """
        SELECT date_bin($1, ended_at, timestamptz 'epoch'), width_bucket(total_micros / 1000.0::float8, $3), count(*)
        FROM flows WHERE ended_at >= $2 AND total_micros >= 0 AND attempt IS DISTINCT FROM 'replayed' GROUP BY 1, 2
        """;

    /// <summary>Bounds of the buckets in milliseconds.</summary>
    private static readonly double[] Bounds =
    [
        10, 25, 50, 75, 100, 150, 200, 300, 400, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000, 30_000,
    ];

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly SortedDictionary<DateTimeOffset, LatencySlot> _slots = [];
    private LatencyChart? _last;
    private long _lastAt;
    private DateTimeOffset _completeUntil;

    public async Task<LatencyChart> ReadAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_last is null || time.GetElapsedTime(_lastAt) >= window.Freshness)
            {
                _last = await CollectAsync(cancellationToken);
                _lastAt = time.GetTimestamp();
            }

            return _last;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<LatencyChart> CollectAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var first = window.SlotOf(now - window.Length) + window.Step;
        // What was stored after the last count may have ended before it, by as much as the store is behind.
        var stored = progress.LastPublished;
        var from = _last is null || _completeUntil < first ? first : window.SlotOf(_completeUntil - window.Step);
        var changed = await CountAsync(from < first ? first : from, cancellationToken);
        foreach (var old in _slots.Keys.Where(at => at < first || at >= from).ToList())
        {
            _slots.Remove(old);
        }

        foreach (var slot in changed)
        {
            _slots[slot.At] = slot;
        }

        _completeUntil = stored < now ? stored.Value : now;
        var slots = new List<LatencySlot>();
        for (var at = first; at <= now; at += window.Step)
        {
            slots.Add(_slots.GetValueOrDefault(at) ?? Empty(at));
        }

        return new LatencyChart(now, window.Name, window.Step.TotalSeconds, Bounds, slots);
    }

    private async Task<IEnumerable<LatencySlot>> CountAsync(DateTimeOffset from, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(Ended) { Parameters = { Sql.Value(window.Step), Sql.Time(from) } },
                new(Failed) { Parameters = { Sql.Value(window.Step), Sql.Time(from) } },
                new(Buckets) { Parameters = { Sql.Value(window.Step), Sql.Time(from), Sql.Value(Bounds) } },
            },
        };
        var slots = new Dictionary<DateTimeOffset, LatencySlot>();
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var percentiles = reader.IsDBNull(2) ? null : reader.GetFieldValue<double[]>(2);
            slots[reader.Time(0)] = new LatencySlot(
                reader.Time(0), reader.GetInt64(1), 0, percentiles?[0], percentiles?[1], percentiles?[2],
                percentiles is null ? null : new long[Bounds.Length + 1], reader.GetInt64(3));
        }

        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var at = reader.Time(0);
            slots[at] = (slots.GetValueOrDefault(at) ?? Empty(at)) with { Failed = reader.GetInt64(1) };
        }

        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            // A flow that ended between the two statements is in the next count.
            if (slots.GetValueOrDefault(reader.Time(0))?.Buckets is { } buckets)
            {
                buckets[reader.GetInt32(1)] = reader.GetInt64(2);
            }
        }

        return slots.Values;
    }

    private static LatencySlot Empty(DateTimeOffset at) => new(at, 0, 0, null, null, null, null, 0);
}
