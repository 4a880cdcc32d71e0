using System.Text.Json;

namespace OrderFlow.Monitor.Traces;

/// <summary>A trace with all that is stored of it.</summary>
/// <param name="Trace">The whole.</param>
/// <param name="Spans">Its spans as a tree: each right after its parent and the parent's earlier children, with its depth.</param>
/// <param name="Logs">What was logged within it, the earliest first.</param>
/// <param name="Truncated">Whether there are more spans or log lines than an answer holds.</param>
/// <param name="CriticalPath">What the time between its first and its last span was spent on, by the spans above.</param>
public sealed record TraceView(
    TraceSummary Trace, IReadOnlyList<SpanView> Spans, IReadOnlyList<LogView> Logs, bool Truncated, CriticalPath? CriticalPath);

/// <summary>A span.</summary>
/// <param name="SpanId">16 hexadecimal digits.</param>
/// <param name="ParentId">Its parent, which need not be stored here: a client's own span, one that was sampled out.</param>
/// <param name="Depth">How many of its ancestors are stored.</param>
/// <param name="Service">Who did it.</param>
/// <param name="Instance">Which process of the service.</param>
/// <param name="Scope">The source that made the span.</param>
/// <param name="Name">The operation.</param>
/// <param name="Kind"><c>server</c>, <c>client</c>, <c>producer</c>, <c>consumer</c> or <c>internal</c>.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="OffsetMs">How long after the trace, in milliseconds.</param>
/// <param name="DurationMs">How long it took, in milliseconds.</param>
/// <param name="IsError">Whether it failed.</param>
/// <param name="Problem">What it says about that.</param>
/// <param name="Attributes">Its attributes, named by OpenTelemetry's conventions.</param>
/// <param name="Events">What happened meanwhile, exceptions above all.</param>
/// <param name="Links">Spans of other traces that it continues.</param>
public sealed record SpanView(
    string SpanId,
    string? ParentId,
    int Depth,
    string Service,
    string? Instance,
    string Scope,
    string Name,
    string Kind,
    DateTimeOffset StartedAt,
    double OffsetMs,
    double DurationMs,
    bool IsError,
    string? Problem,
    JsonElement? Attributes,
    JsonElement? Events,
    JsonElement? Links);

/// <summary>A line of a log.</summary>
/// <param name="At">When it was written.</param>
/// <param name="SpanId">Within which span.</param>
/// <param name="Service">By whom.</param>
/// <param name="Category">By which part.</param>
/// <param name="Severity">OpenTelemetry's number: 9 information, 13 warning, 17 error.</param>
/// <param name="Body">The line.</param>
/// <param name="Attributes">Its values by name.</param>
public sealed record LogView(
    DateTimeOffset At, string? SpanId, string Service, string Category, int Severity, string Body, JsonElement? Attributes);

/// <summary>The traces of an order: the one of the request, and those of delayed retries and replays, which link to it.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Traces">Its traces, the earliest first; none when none was sampled or they have not arrived yet.</param>
/// <param name="CriticalPath">The path through all of them, with the waits between; absent when there are none.</param>
public sealed record OrderTraces(string OrderId, IReadOnlyList<TraceView> Traces, CriticalPath? CriticalPath);
