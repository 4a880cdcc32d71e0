using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>The statements of one storing transaction.</summary>
internal static class EventStoreSql
{
    /// <summary>In the order in which the copy writes them.</summary>
    private const string Columns =
        "day, event_id, correlation_id, causation_id, wire_type, version, source, aggregate_id, tenant_id, user_id, flow, origin, "
        + "published_at, attempt, replayed, traceparent, headers, body, ended_at, flow_attempt";

    /// <summary>
    /// Events are copied here first: COPY itself knows no conflicts. It belongs to the connection and is empty after each transaction.
    /// </summary>
    public const string MakeStaging =
        $"CREATE TEMP TABLE IF NOT EXISTS staging ON COMMIT DELETE ROWS AS SELECT {Columns} FROM events WITH NO DATA";

    public const string Copy = $"COPY staging ({Columns}) FROM STDIN (FORMAT BINARY)";

    /// <summary>
    /// No key keeps an id from being stored on two days: whoever stores one whose day is uncertain does so alone, until the transaction
    /// ends.
    /// </summary>
    public const string LockUncertain = "SELECT pg_advisory_xact_lock(22347398149361748)";

    /// <summary>Of some ids, those that are stored, on whatever day.</summary>
    public const string Known = "SELECT event_id FROM events WHERE event_id = ANY ($1)";

    /// <summary>
    /// Stores what is new, counts it, and brings its flows up to date: whatever order the events come in, and without effect when none
    /// of them is new. Parameters: the deadline, then the types that end a flow, complete it and reject it.
    /// </summary>
    public const string Store = $"""
        WITH stored AS (
            INSERT INTO events ({Columns}) SELECT {Columns} FROM staging
            ON CONFLICT DO NOTHING
            RETURNING correlation_id, coalesce(aggregate_id, '')
                AS aggregate_id, wire_type, flow, user_id, tenant_id, origin, published_at, ended_at,
                CASE WHEN wire_type = $2 THEN coalesce(flow_attempt, 'first') END AS attempt,
                CASE WHEN wire_type = $2 THEN headers ->> '{HeaderNames.Stages}' END AS stages
        ), counted AS (
            INSERT INTO event_counts AS total (minute, wire_type, count)
            SELECT date_trunc('minute', published_at), wire_type, count(*) FROM stored GROUP BY 1, 2
            ON CONFLICT (minute, wire_type) DO UPDATE SET count = total.count + excluded.count
        ), flowing AS (
            INSERT INTO flows AS known (correlation_id, aggregate_id, flow, user_id, tenant_id, started_at, ended_at, end_type, outcome,
                events, last_event_at, deadline_missed, stages, attempt)
            SELECT correlation_id, aggregate_id, min(flow), min(user_id), min(tenant_id), min(origin),
                min(ended_at),
                min(wire_type) FILTER (WHERE wire_type = $2),
                CASE WHEN bool_or(wire_type = $4) THEN 'rejected' WHEN bool_or(wire_type = $3) THEN 'completed' END,
                count(*), max(published_at),
                CASE WHEN min(ended_at) - min(origin) <= $1 THEN false END,
                (array_agg(stages ORDER BY ended_at) FILTER (WHERE wire_type = $2))[1],
                (array_agg(attempt ORDER BY ended_at) FILTER (WHERE wire_type = $2))[1]
            FROM stored GROUP BY 1, 2
            ON CONFLICT (correlation_id, aggregate_id) DO UPDATE SET
                user_id = coalesce(known.user_id, excluded.user_id),
                tenant_id = coalesce(known.tenant_id, excluded.tenant_id),
                started_at = least(known.started_at, excluded.started_at),
                ended_at = least(known.ended_at, excluded.ended_at),
                end_type = coalesce(known.end_type, excluded.end_type),
                outcome = coalesce(known.outcome, excluded.outcome),
                events = known.events + excluded.events,
                last_event_at = greatest(known.last_event_at, excluded.last_event_at),
                -- An end in time that comes after all says the truth, even to who has judged without it.
                deadline_missed = CASE
                    WHEN least(known.ended_at, excluded.ended_at) - least(known.started_at, excluded.started_at) <= $1 THEN false
                    ELSE known.deadline_missed END,
                -- The ledger and the attempt of the end that counts, which is the first.
                stages = CASE WHEN known.ended_at IS NULL OR excluded.ended_at < known.ended_at THEN excluded.stages ELSE known.stages END,
                attempt = CASE
                    WHEN known.ended_at IS NULL OR excluded.ended_at < known.ended_at THEN excluded.attempt
                    ELSE known.attempt END
        )
        SELECT wire_type, count(*) FROM stored GROUP BY 1
        """;
}
