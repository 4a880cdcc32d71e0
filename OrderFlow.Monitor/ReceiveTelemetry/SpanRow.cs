namespace OrderFlow.Monitor.ReceiveTelemetry;

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
    DateTime At, byte[]? TraceId, byte[]? SpanId, string Service, string Category, short Severity, string? EventName, string Body, string? Attributes);

/// <summary>What one request brought, and how much of it cannot be stored.</summary>
internal sealed record TelemetryBatch(IReadOnlyList<SpanRow> Spans, IReadOnlyList<LogRow> Logs, int Rejected)
{
    public int Count => Spans.Count + Logs.Count;
}
