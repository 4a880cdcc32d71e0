using OrderFlow.Messaging.LatencyLedger;

namespace OrderFlow.Monitor.Traces;

/// <summary>
/// Walks from the end of the span that ends last back to the begin of the first: into the last child that a span waited for, else to its
/// begin; from there to what caused it, over the wait between the two. Time only ever goes back, and each step begins where the one before
/// it ended.
/// </summary>
internal sealed class CriticalPathWalk
{
    private readonly IReadOnlyList<PathSpan> _spans;
    private readonly Dictionary<SpanKey, PathSpan> _known = [];
    private readonly Dictionary<SpanKey, Queue<PathSpan>> _children;
    private readonly HashSet<PathSpan> _entered = [];
    private readonly HashSet<PathSpan> _passed = [];
    private readonly List<PathStep> _steps = [];
    private readonly long _begin;
    private long _now;

    private CriticalPathWalk(IReadOnlyList<PathSpan> spans)
    {
        _spans = spans;
        foreach (var span in spans)
        {
            _known.TryAdd(span.Id, span);
        }

        _begin = spans.Min(span => span.Start);
        _now = spans.Max(span => span.End);
        _children = spans.Where(span => span is { IsAsynchronous: false, Cause: not null }).GroupBy(span => span.Cause!.Value)
            .ToDictionary(
                children => children.Key,
                children => new Queue<PathSpan>(children.OrderByDescending(child => child.End).ThenByDescending(child => child.Start)));
    }

    /// <param name="spans">At least one, in an order that does not matter but for spans that are alike.</param>
    /// <returns>The steps from begin to end.</returns>
    public static IReadOnlyList<PathStep> Of(IReadOnlyList<PathSpan> spans)
    {
        var walk = new CriticalPathWalk(spans);
        walk.Go();
        walk._steps.Reverse();
        return walk._steps;
    }

    private void Go()
    {
        for (var span = _spans.MaxBy(span => (span.End, span.Start)); span is not null; span = LastChildOf(span) ?? Before(span))
        {
            _entered.Add(span);
        }
    }

    /// <summary>
    /// Goes back to the end of the last child that was over by now. A consumer is no such child, for nobody waits for it.
    /// </summary>
    private PathSpan? LastChildOf(PathSpan span)
    {
        var children = _children.GetValueOrDefault(span.Id);
        while (children?.TryDequeue(out var child) == true)
        {
            if (child.End <= _now && child.End > span.Start && !_entered.Contains(child))
            {
                GoBack(child.End, span);
                return child;
            }
        }

        return null;
    }

    /// <summary>
    /// Goes back to the begin of a span, and from there to what came before it; <see langword="null"/> at the begin of the flow.
    /// </summary>
    private PathSpan? Before(PathSpan span)
    {
        GoBack(span.Start, span);
        _passed.Add(span);
        var cause = span.Cause is { } id && _known.GetValueOrDefault(id) is { } known && !_passed.Contains(known) ? known : null;
        if (cause is not null && cause.Id.TraceId != span.Id.TraceId)
        {
            cause = EarlierAttempt(span, cause) ?? cause;
        }

        GoBack(Math.Max(_now - span.BufferMicros, cause?.Start ?? _begin), span, StageNames.Buffer);
        var before = cause ?? LastAtWork();
        if (before is not null)
        {
            GoBack(before.End, span, cause is null ? StageNames.Unaccounted : WaitOf(span, cause));
        }

        return before;
    }

    /// <summary>A delayed retry continues the trace in which the event was sent; before it came the attempts that failed.</summary>
    private PathSpan? EarlierAttempt(PathSpan retry, PathSpan sent) => _spans
        .Where(
            span =>
                span.Kind == PathSpan.Consumer
                    && span.Cause == sent.Id
                    && span.Service == retry.Service
                    && span.End <= _now
                    && !_passed.Contains(span))
        .MaxBy(span => (span.End, span.Start));

    /// <summary>What is known when the cause is not: a span that was at work by now, or the last that was.</summary>
    private PathSpan? LastAtWork() =>
        _spans.Where(span => span.Start < _now && !_passed.Contains(span)).MaxBy(span => (Math.Min(span.End, _now), span.Start, span.End));

    private static string WaitOf(PathSpan span, PathSpan cause) => span switch
    {
        _ when cause.Id.TraceId != span.Id.TraceId => span.WaitedAs == StageNames.DeadLetter ? StageNames.DeadLetter : StageNames.Retry,
        { Kind: PathSpan.Consumer } => StageNames.Broker,
        { Kind: PathSpan.Producer } => span.WaitedAs == StageNames.Scheduled ? StageNames.Scheduled : StageNames.Outbox,
        _ => StageNames.Unaccounted,
    };

    /// <summary>Takes a step; none where the clocks of two processes would have time go forth.</summary>
    private void GoBack(long to, PathSpan span, string? waiting = null)
    {
        if (to < _now)
        {
            _steps.Add(new PathStep(span.Id.TraceId, span.Id.SpanId, span.Service, span.Operation, waiting, to - _begin, _now - to));
            _now = to;
        }
    }
}
