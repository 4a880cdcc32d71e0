using Microsoft.Extensions.Options;
using Npgsql;
using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Operations.WireTap;
using OrderFlow.Monitor.Hosting;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Latency;

/// <summary>Collects the figures of the dashboard: once a second at most, however many viewers there are.</summary>
internal sealed class DashboardReader(
    NpgsqlDataSource database, ITap tap, IOptions<MonitorOptions> options, IOptions<MessagingOptions> messaging,
    TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    private const string Flows = """
        SELECT count(*) FILTER (WHERE NOT replayed),
            percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY total_micros / 1000.0) FILTER (WHERE NOT replayed),
            (SELECT count(*) FROM flows WHERE given_up_at > $1),
            (SELECT count(*) FROM flows WHERE status = 'open'),
            (SELECT min(started_at) FROM flows WHERE status = 'open'),
            count(*) FILTER (WHERE replayed),
            percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY total_micros / 1000.0) FILTER (WHERE replayed),
            (SELECT count(DISTINCT (event_id, run)) FROM handling WHERE at > $1 AND kind = 'dead-lettered' AND flow_attempt = 'replayed')
        FROM (SELECT total_micros, attempt IS NOT DISTINCT FROM 'replayed' AS replayed FROM flows
            WHERE ended_at > $1 AND total_micros >= 0) AS ended
        """;

    private const string Counts = """
        SELECT coalesce(sum(count) FILTER (WHERE minute > $1), 0)::bigint, coalesce(sum(count) FILTER (WHERE minute >= $2), 0)::bigint,
            (SELECT count(*) FROM unreadable)
        FROM event_counts WHERE minute > least($1, $2 - interval '1 minute')
        """;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private DashboardView? _last;
    private long _lastAt;

    public async Task<DashboardView> ReadAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_last is null || time.GetElapsedTime(_lastAt) >= Freshness)
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

    private async Task<DashboardView> CollectAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var window = options.Value.DashboardWindow;
        var (queues, complete) = await QueuesAsync(cancellationToken);
        var unstored = await tap.WaitingAsync(cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(Flows) { Parameters = { Sql.Time(now - window) } },
                new(Counts)
                {
                    Parameters = { Sql.Time(now.AddHours(-1)), Sql.Time(new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero)) },
                },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (ended, failed, open) = (reader.GetInt64(0), reader.GetInt64(2), reader.GetInt64(3));
        var percentiles = reader.IsDBNull(1) ? null : reader.GetFieldValue<double[]>(1);
        var oldest = reader.TimeOrNull(4);
        var slowReplays = reader.IsDBNull(6) ? null : reader.GetFieldValue<double[]>(6);
        var replays = new ReplayedFlows(reader.GetInt64(5), reader.GetInt64(7), slowReplays?[0], slowReplays?[1], slowReplays?[2]);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new DashboardView(
            now,
            window.TotalSeconds,
            complete ? queues.Sum(queue => queue.Retrying) : null,
            complete ? queues.Sum(queue => queue.DeadLetters) : null,
            complete ? queues.Sum(queue => queue.Handlers) : null,
            queues,
            reader.GetInt64(0),
            reader.GetInt64(1),
            open,
            oldest is { } since ? (now - since).TotalMilliseconds : 0,
            ended,
            failed,
            percentiles?[0],
            percentiles?[1],
            percentiles?[2],
            ended + failed == 0 ? 0 : (double)failed / (ended + failed),
            (ended + failed) / window.TotalSeconds,
            replays,
            unstored,
            reader.GetInt64(2));
    }

    /// <summary>
    /// What is in the services' queues; incomplete when the broker does not answer. A queue that does not exist yet is empty.
    /// </summary>
    private async Task<(List<ServiceQueueSizes> Queues, bool Complete)> QueuesAsync(CancellationToken cancellationToken)
    {
        var sizes = new List<ServiceQueueSizes>();
        foreach (var service in options.Value.Services)
        {
            var names = ServiceQueues.Of(service, messaging.Value.RetryTiers);
            var own = await tap.CountAsync(names.Own, cancellationToken);
            var retrying = 0L;
            foreach (var queue in names.Retries)
            {
                retrying += (await tap.CountAsync(queue, cancellationToken))?.Waiting ?? 0;
            }

            var deadLetters = await tap.CountAsync(names.DeadLetters, cancellationToken);
            var parked = await tap.CountAsync(names.ParkingLot, cancellationToken);
            sizes.Add(
                new ServiceQueueSizes(
                    service, own?.Waiting ?? 0, own?.Consumers ?? 0, retrying, (deadLetters?.Total ?? 0) + (parked?.Total ?? 0)));
        }

        return tap.IsListening ? (sizes, true) : ([], false);
    }
}
