namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>A span as it is stored.</summary>
internal sealed record SpanRow(
    byte[] TraceId,
    byte[] SpanId,
    byte[]? ParentId,
    string Service,
    string? Instance,
    string Scope,
    string Name,
    short Kind,
    DateTime StartedAt,
    long DurationNanos,
    bool IsError,
    string? Problem,
    string? Attributes,
    string? Events,
    string? Links,
    byte[][]? LinkedTraces);

/// <summary>A log line as it is stored.</summary>
internal sealed record LogRow(
    DateTime At, byte[]? TraceId, byte[]? SpanId, string Service, string Category, short Severity, string? EventName, string Body,
    string? Attributes);

/// <summary>What one request brought, and how much of it cannot be stored.</summary>
internal sealed record TelemetryBatch(IReadOnlyList<SpanRow> Spans, IReadOnlyList<LogRow> Logs, int Rejected)
{
    public int Count => Spans.Count + Logs.Count;

    /// <summary>The same rows in two parts, neither of them empty when there are two rows.</summary>
    public static IReadOnlyList<IReadOnlyList<TelemetryBatch>> Halves(IReadOnlyList<TelemetryBatch> batches)
    {
        var half = batches.Sum(batch => batch.Count) / 2;
        List<SpanRow> spans = [.. batches.SelectMany(batch => batch.Spans)];
        List<LogRow> logs = [.. batches.SelectMany(batch => batch.Logs)];
        var (ofSpans, ofLogs) = (Math.Min(half, spans.Count), Math.Max(half - spans.Count, 0));
        return [[new TelemetryBatch(spans[..ofSpans], logs[..ofLogs], 0)], [new TelemetryBatch(spans[ofSpans..], logs[ofLogs..], 0)]];
    }
}
