namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>The statements of one storing transaction.</summary>
internal static class TelemetrySql
{
    /// <summary>In the order in which the copy writes them.</summary>
    private const string SpanColumns =
        "day, trace_id, span_id, parent_id, service, instance, scope, name, kind, started_at, duration_nanos, is_error, problem, "
        + "attributes, events, links, linked_traces";

    /// <summary>Spans are copied here first: a sender that got no answer sends them again, and COPY itself knows no conflicts.</summary>
    public const string MakeStaging =
        $"CREATE TEMP TABLE IF NOT EXISTS span_staging ON COMMIT DELETE ROWS AS SELECT {SpanColumns} FROM spans WITH NO DATA";

    public const string CopySpans = $"COPY span_staging ({SpanColumns}) FROM STDIN (FORMAT BINARY)";

    public const string CopyLogs =
        "COPY logs (day, at, trace_id, span_id, service, category, severity, event_name, body, attributes) FROM STDIN (FORMAT BINARY)";

    /// <summary>
    /// Stores the spans that are new and brings their traces up to date, in whatever order they come; a trace is named by the span that
    /// began first.
    /// </summary>
    public const string StoreSpans = $"""
        WITH stored AS (
            INSERT INTO spans ({SpanColumns}) SELECT {SpanColumns} FROM span_staging
            ON CONFLICT DO NOTHING
            RETURNING trace_id, parent_id, service, name, started_at, started_at + duration_nanos / 1000 * interval '1 microsecond'
                AS ended_at, is_error
        ), counted AS (
            INSERT INTO traces AS known (trace_id, started_at, ended_at, spans, errors, services, service, name)
            SELECT trace_id, min(started_at), max(ended_at), count(*), count(*) FILTER (WHERE is_error), array_agg(DISTINCT service),
                (array_agg(service ORDER BY started_at, parent_id IS NOT NULL))[1],
                (array_agg(name ORDER BY started_at, parent_id IS NOT NULL))[1]
            FROM stored GROUP BY trace_id ORDER BY trace_id
            ON CONFLICT (trace_id) DO UPDATE SET
                started_at = least(known.started_at, excluded.started_at),
                ended_at = greatest(known.ended_at, excluded.ended_at),
                spans = known.spans + excluded.spans,
                errors = known.errors + excluded.errors,
                services = ARRAY(SELECT DISTINCT one FROM unnest(known.services || excluded.services) AS one ORDER BY one),
                service = CASE WHEN excluded.started_at < known.started_at THEN excluded.service ELSE known.service END,
                name = CASE WHEN excluded.started_at < known.started_at THEN excluded.name ELSE known.name END
        )
        SELECT count(*) FROM stored
        """;
}
