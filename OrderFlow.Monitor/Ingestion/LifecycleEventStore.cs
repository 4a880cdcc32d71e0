using Npgsql;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>Stores life-cycle events, each once, and updates in the same transaction whether their flows have failed.</summary>
internal sealed class LifecycleEventStore(NpgsqlDataSource database, Partitions partitions, Retention retention) : IAsyncDisposable
{
    private const string Insert = """
        INSERT INTO handling (event_id, service, kind, at, correlation_id, aggregate_id, wire_type, handler, attempt, tier, reason,
            exception_type, exception_message, run, decided_by,
            flow_attempt)
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[],
            $9::int[], $10::int[],
            $11::text[], $12::text[], $13::text[], $14::uuid[], $15::text[], $16::text[])
        ON CONFLICT DO NOTHING
        """;

    /// <summary>
    /// A flow has failed while one of its events is a dead letter, or was discarded as one: whatever order the life-cycle events came in.
    /// A replay opens it again, but does not take back that it was given up, which the end-to-end histogram has counted by then. Its row
    /// may not be there yet, or not any more: an event of it may have been dropped on the way here.
    /// </summary>
    private const string MarkFlows = """
        INSERT INTO flows AS known (correlation_id, aggregate_id, flow, user_id, tenant_id, started_at, day, failed_at, given_up_at, events,
            last_event_at, chunks)
        SELECT changed.*, failed.failed_at, first.given_up_at, 0, changed.started_at, '{}'
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $8::date[])
            AS changed (correlation_id, aggregate_id, flow, user_id, tenant_id, started_at, day)
        CROSS JOIN LATERAL (
            SELECT min(since) AS failed_at
            FROM (
                SELECT coalesce(max(at) FILTER (WHERE kind = 'dead-lettered'), max(at)) AS since, (array_agg(kind ORDER BY at DESC))[1]
                    AS last
                FROM handling
                WHERE correlation_id = changed.correlation_id AND aggregate_id = changed.aggregate_id AND kind <> 'retry-queued'
                GROUP BY event_id, service) AS letters
            WHERE last IN ('dead-lettered', 'discarded')) AS failed
        CROSS JOIN LATERAL (
            SELECT min(at) AS given_up_at
            FROM handling
            WHERE correlation_id = changed.correlation_id AND aggregate_id = changed.aggregate_id AND kind = 'dead-lettered'
                AND flow_attempt IS DISTINCT FROM 'replayed'
                -- Of what nobody could read, the service has counted no flow.
                AND coalesce(reason, '') NOT IN ('unknown_type', 'missing_header', 'invalid_header') AND wire_type <> ALL ($7::text[]))
                    AS first
        ON CONFLICT (correlation_id, aggregate_id, day) DO UPDATE SET failed_at = excluded.failed_at, given_up_at = least(known.given_up_at,
            excluded.given_up_at)
        """;

    private readonly StoringConnection _connection = new(database, partitions);

    public async Task StoreAsync(IReadOnlyList<LifecycleEvent> lifecycleEvents, CancellationToken cancellationToken)
    {
        if (lifecycleEvents.Count == 0)
        {
            return;
        }

        var first = retention.FirstDay;
        await _connection.StoreAsync(
            lifecycleEvents.Select(one => FlowChange.DayOf(one.Context.OriginTimestampMicros, first)),
            async connection =>
            {
                await using var batch = new NpgsqlBatch(connection)
                {
                    BatchCommands = { Inserting(lifecycleEvents), Marking(lifecycleEvents, first) },
                };
                return await batch.ExecuteNonQueryAsync(cancellationToken);
            },
            cancellationToken);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static NpgsqlBatchCommand Inserting(IReadOnlyList<LifecycleEvent> lifecycleEvents)
    {
        return new NpgsqlBatchCommand(Insert)
        {
            Parameters =
            {
                Each(one => one.Context.EventId),
                Each(one => one.Service),
                Each(one => one.Kind),
                Each(one => one.At.UtcDateTime),
                Each(one => one.Context.CorrelationId),
                Each(one => one.Context.AggregateId ?? ""),
                Each(one => one.WireType),
                Each(one => one.Handler),
                Each(one => one.Attempt),
                Each(one => one.Tier),
                Each(one => one.Reason),
                Each(one => one.ExceptionType),
                Each(one => one.ExceptionMessage),
                Each(one => one.Run),
                Each(one => one.By),
                Each(one => one.FlowAttempt.ToText()),
            },
        };

        NpgsqlParameter Each<T>(Func<LifecycleEvent, T> value) => Sql.Value(lifecycleEvents.Select(value).ToArray());
    }

    private static NpgsqlBatchCommand Marking(IReadOnlyList<LifecycleEvent> lifecycleEvents, DateOnly first)
    {
        // In one order, always: two replicas that store the same flows must not wait for each other.
        var flows = lifecycleEvents.Select(one => one.Context)
            .DistinctBy(context => (context.CorrelationId, context.AggregateId ?? ""))
            .OrderBy(
                context => context.CorrelationId, StringComparer.Ordinal).ThenBy(context => context.AggregateId, StringComparer.Ordinal)
            .ToList();
        return new NpgsqlBatchCommand(MarkFlows)
        {
            Parameters =
            {
                Each(flow => flow.CorrelationId),
                Each(flow => flow.AggregateId ?? ""),
                Each(flow => flow.Flow),
                Each(flow => flow.UserId),
                Each(flow => flow.TenantId),
                Each(flow => UnixMicroseconds.ToTime(flow.OriginTimestampMicros).UtcDateTime),
                Sql.Value(FlowRules.AfterTheEnd),
                Each(flow => FlowChange.DayOf(flow.OriginTimestampMicros, first)),
            },
        };

        NpgsqlParameter Each<T>(Func<EventContext, T> value) => Sql.Value(flows.Select(value).ToArray());
    }
}
