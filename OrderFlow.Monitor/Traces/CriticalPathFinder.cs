using OrderFlow.Messaging.LatencyLedger;

namespace OrderFlow.Monitor.Traces;

/// <summary>Finds the critical path of a flow: of one trace, or of an order with those that continue it.</summary>
internal static class CriticalPathFinder
{
    /// <param name="spans">In any order.</param>
    /// <returns><see langword="null"/> when there are none.</returns>
    public static CriticalPath? Of(IEnumerable<PathSpan> spans)
    {
        // By time and id, so that the same spans have the same path however they were read.
        var all = spans
            .OrderBy(span => span.Start)
            .ThenBy(span => span.End)
            .ThenBy(span => span.Id.TraceId, StringComparer.Ordinal)
            .ThenBy(span => span.Id.SpanId, StringComparer.Ordinal)
            .ToList();
        if (all.Count == 0)
        {
            return null;
        }

        var steps = CriticalPathWalk.Of(all);
        var whole = steps.Sum(step => step.Micros);
        var shares = steps.GroupBy(step => (step.Service, step.Operation, step.Waiting))
            .Select(same => new PathShare(
                NameOf(same.Key.Service, same.Key.Operation, same.Key.Waiting), same.Key.Service, same.Key.Operation, same.Key.Waiting,
                same.Count(), same.Sum(step => step.Micros), (double)same.Sum(step => step.Micros) / whole))
            .OrderByDescending(share => share.Micros).ThenBy(share => share.Name, StringComparer.Ordinal);
        return new CriticalPath(whole, steps, [.. shares], Skews(all));
    }

    /// <summary>
    /// An operation as a person would name it: of the destination <c>order.events:order.created:order-service</c>, the event is enough.
    /// </summary>
    public static string NameOf(string service, string operation, string? waiting)
    {
        var name = operation.Split(' ') is [var verb, var destination] && destination.Split(':') is [_, var routingKey, ..]
            ? $"{verb} {routingKey}"
            : operation;
        return waiting is null ? $"{service}: {name}" : $"waiting before {service}: {name}, {Where(waiting)}";
    }

    private static string Where(string waiting) => waiting switch
    {
        StageNames.Broker => "in the broker",
        StageNames.Buffer => "in its buffer",
        StageNames.Scheduled => "on purpose, until it was due",
        StageNames.Outbox => "in the outbox",
        StageNames.Retry => "for another attempt",
        StageNames.DeadLetter => "as a dead letter",
        _ => "no span says for what",
    };

    private static List<ClockSkew> Skews(List<PathSpan> spans)
    {
        var known = spans.DistinctBy(span => span.Id).ToDictionary(span => span.Id);
        return [.. spans
            .Where(span => span.Cause is { } cause && known.ContainsKey(cause))
            .Select(span => (Span: span, Cause: known[span.Cause!.Value]))
            .Where(pair => pair.Span.Start < pair.Cause.Start)
            .GroupBy(pair => (pair.Span.Service, Behind: pair.Cause.Service))
            .Select(same => new ClockSkew(same.Key.Service, same.Key.Behind, same.Max(pair => pair.Cause.Start - pair.Span.Start)))
            .OrderByDescending(skew => skew.Micros)];
    }
}
