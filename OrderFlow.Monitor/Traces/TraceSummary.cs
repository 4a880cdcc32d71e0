namespace OrderFlow.Monitor.Traces;

/// <summary>A trace, as far as its spans are stored.</summary>
/// <param name="TraceId">32 hexadecimal digits.</param>
/// <param name="StartedAt">When its first span began.</param>
/// <param name="DurationMs">From there to the end of its last, in milliseconds.</param>
/// <param name="Service">The service of its first span.</param>
/// <param name="Operation">The name of its first span.</param>
/// <param name="Spans">How many are stored.</param>
/// <param name="Errors">How many of them failed.</param>
/// <param name="Services">Every service in it.</param>
public sealed record TraceSummary(
    string TraceId, DateTimeOffset StartedAt, double DurationMs, string Service, string Operation, long Spans, long Errors,
    IReadOnlyList<string> Services)
{
    /// <param name="traceId">32 hexadecimal digits.</param>
    /// <param name="spans">At least one, in the order in which they began.</param>
    internal static TraceSummary Of(string traceId, IReadOnlyList<SpanView> spans) => new(
        traceId,
        spans[0].StartedAt,
        (spans.Max(span => PathSpan.Of(traceId, span).End) - PathSpan.Micros(spans[0].StartedAt)) / 1000.0,
        spans[0].Service,
        spans[0].Name,
        spans.Count,
        spans.Count(span => span.IsError),
        [.. spans.Select(span => span.Service).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
}

/// <summary>A page of traces, the latest first.</summary>
/// <param name="Traces">The traces.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; absent on the last.</param>
public sealed record TraceSearchResult(IReadOnlyList<TraceSummary> Traces, string? Next);
