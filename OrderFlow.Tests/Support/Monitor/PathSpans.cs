using OrderFlow.Monitor.Traces;

namespace OrderFlow.Tests.Support.Monitor;

/// <summary>Spans of a flow as a test writes them down, in microseconds.</summary>
internal sealed class PathSpans
{
    public const string Trace = "trace", Retry = "the trace of the retry";

    private readonly List<PathSpan> _spans = [];

    /// <summary>Adds a span; its name is its id.</summary>
    public PathSpans Add(
        string name, string? parent, string service, string kind, long start, long end, long buffer = 0, string trace = Trace,
        string? causeTrace = null, string? waitedAs = null)
    {
        _spans.Add(
            new PathSpan(
                new SpanKey(trace, name),
                parent is null ? null : new SpanKey(causeTrace ?? trace, parent),
                service,
                name,
                kind,
                start,
                end,
                buffer,
                waitedAs));
        return this;
    }

    public IReadOnlyList<PathSpan> All => _spans;

    /// <summary>The path in a line a step: from, until, what.</summary>
    public IEnumerable<string> Lines() => Path().Steps.Select(step =>
        $"{step.OffsetMicros}-{step.OffsetMicros + step.Micros} {CriticalPathFinder.NameOf(step.Service, step.Operation, step.Waiting)}");

    public CriticalPath Path() => CriticalPathFinder.Of(_spans).ShouldNotBeNull();
}
