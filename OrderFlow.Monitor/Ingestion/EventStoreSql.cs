namespace OrderFlow.Monitor.Ingestion;

/// <summary>The statements of one storing transaction.</summary>
internal static class EventStoreSql
{
    /// <summary>
    /// One batch at a time, whichever replica has it: so the number of a batch tells each whether it has stored the one before itself, and
    /// knows which ids are stored.
    /// </summary>
    public const string Lock = "SELECT pg_advisory_xact_lock(22347398149361748)";

    public const string NextBatch = "SELECT nextval('batches')";

    /// <summary>The chunks of some slots, each from the first id that it can have up to the first of the next.</summary>
    public const string IdsOfSlots = """
        SELECT id, ids FROM unnest($1::bigint[], $2::bigint[]) AS slot (first, next) JOIN chunks ON id >= first AND id < next
        """;

    public const string KnownForeign = "SELECT event_id FROM foreign_ids WHERE event_id = ANY ($1)";

    public const string AddForeign =
        "INSERT INTO foreign_ids (day, event_id, chunk) SELECT * FROM unnest($1::date[], $2::uuid[], $3::bigint[])";

    public const string CopyChunks = "COPY chunks (id, events, ids, data) FROM STDIN (FORMAT BINARY)";

    /// <summary>
    /// Counts what is new, and brings its flows up to date: a row for each flow, whatever order the events came in. $1 is the deadline,
    /// $2 to $4 the counts, and the others the flows. What changes with every event is in no index.
    /// </summary>
    public const string Store = """
        WITH counted AS (
            INSERT INTO event_counts AS total (minute, wire_type, count) SELECT * FROM unnest($2::timestamptz[], $3::text[], $4::bigint[])
            ON CONFLICT (minute, wire_type) DO UPDATE SET count = total.count + excluded.count
        )
        INSERT INTO flows AS known (day, correlation_id, aggregate_id, flow, user_id, tenant_id, started_at, ended_at, end_type, outcome,
            events, last_event_at, stages, attempt, chunks, deadline_missed)
        SELECT day, correlation_id, aggregate_id, flow, user_id, tenant_id, started_at, ended_at, end_type, outcome, events, last_event_at,
            stages, attempt, chunks::bigint[], CASE WHEN ended_at - started_at <= $1 THEN false END
        FROM unnest($5::date[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::timestamptz[],
            $13::text[], $14::text[], $15::int[], $16::timestamptz[], $17::text[], $18::text[], $19::text[])
            AS one (day, correlation_id, aggregate_id, flow, user_id, tenant_id, started_at, ended_at, end_type, outcome, events,
                last_event_at, stages, attempt, chunks)
        ON CONFLICT (correlation_id, aggregate_id, day) DO UPDATE SET
            user_id = coalesce(known.user_id, excluded.user_id),
            tenant_id = coalesce(known.tenant_id, excluded.tenant_id),
            started_at = least(known.started_at, excluded.started_at),
            ended_at = least(known.ended_at, excluded.ended_at),
            end_type = coalesce(known.end_type, excluded.end_type),
            outcome = coalesce(known.outcome, excluded.outcome),
            events = known.events + excluded.events,
            last_event_at = greatest(known.last_event_at, excluded.last_event_at),
            chunks = known.chunks || excluded.chunks,
            -- An end in time that comes after all says the truth, even to who has judged without it.
            deadline_missed = CASE
                WHEN least(known.ended_at, excluded.ended_at) - least(known.started_at, excluded.started_at) <= $1 THEN false
                ELSE known.deadline_missed END,
            -- The ledger and the attempt of the end that counts, which is the first.
            stages = CASE WHEN known.ended_at IS NULL OR excluded.ended_at < known.ended_at THEN excluded.stages ELSE known.stages END,
            attempt = CASE WHEN known.ended_at IS NULL OR excluded.ended_at < known.ended_at THEN excluded.attempt ELSE known.attempt END
        """;
}
