namespace OrderFlow.Tests.Support.Telemetry;

/// <summary>
/// A span as a collector would see it; ids in lower-case hexadecimal, the parent's empty for the first span of a trace,
/// the kind as <see cref="System.Diagnostics.ActivityKind"/> has it, not as the wire does.
/// </summary>
public sealed record ReceivedSpan(
    string Service,
    string Source,
    string TraceId,
    string SpanId,
    string ParentSpanId,
    string Name,
    System.Diagnostics.ActivityKind Kind,
    bool IsError,
    DateTimeOffset Started,
    TimeSpan Duration,
    IReadOnlyDictionary<string, object?> Attributes,
    IReadOnlyList<(string TraceId, string SpanId)> Links);

/// <summary>A log line as a collector would see it.</summary>
public sealed record ReceivedLog(string Service, string Category, string Body, string TraceId, string SpanId);

/// <summary>An instrument that was exported at least once.</summary>
public sealed record ReceivedMetric(string Service, string Meter, string Name, string Unit);
