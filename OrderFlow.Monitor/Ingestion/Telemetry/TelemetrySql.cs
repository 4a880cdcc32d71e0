namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>The statements of one storing transaction. Nothing but the first is written row by row, and that is rare.</summary>
internal static class TelemetrySql
{
    /// <summary>In the order in which the copy writes them.</summary>
    private const string TraceColumns =
        "day, hour, trace_id, is_part, started_at, ended_at, spans, errors, services, service, name, operations, linked_traces, weight, "
        + "data";

    public const string CopyTraces = $"COPY traces ({TraceColumns}) FROM STDIN (FORMAT BINARY)";

    public const string CopyLogs =
        "COPY logs (day, at, trace_id, span_id, service, category, severity, event_name, body, attributes) FROM STDIN (FORMAT BINARY)";

    public const string CopyOperations =
        "COPY operations (day, minute, service, name, kind, count, errors, nanos, durations) FROM STDIN (FORMAT BINARY)";

    /// <summary>
    /// Of these traces, those that are stored, with their spans. The key begins with the hour, so that inserts stay together.
    /// </summary>
    public const string Known = """
        SELECT trace_id, is_part, day, hour, data FROM traces WHERE trace_id = ANY ($1) AND hour = ANY ($2) AND day = ANY ($3)
        """;

    /// <summary>
    /// Brings a stored trace up to date with a part that came later: $1 to $3 are its key, then times, counts, services, what it began
    /// with, operations and links. It keeps its weight.
    /// </summary>
    public const string AddToTrace = """
        UPDATE traces SET
            started_at = least(started_at, $4), ended_at = greatest(ended_at, $5), spans = spans + $6, errors = errors + $7,
            services = ARRAY(SELECT DISTINCT one FROM unnest(services || $8) AS one ORDER BY one),
            service = CASE WHEN $4 < started_at THEN $9 ELSE service END, name = CASE WHEN $4 < started_at THEN $10 ELSE name END,
            operations = ARRAY(SELECT DISTINCT one FROM unnest(operations || $11) AS one),
            linked_traces = CASE WHEN $12::bytea[] IS NULL THEN linked_traces ELSE coalesce(linked_traces, '{}') || $12 END
        WHERE day = $1 AND hour = $2 AND trace_id = $3 AND NOT is_part
        """;
}
