namespace OrderFlow.Monitor.Traces;

/// <summary>
/// Puts spans into the order of a tree. What a sender says about parents may be anything, so nothing is lost and nothing runs in circles.
/// </summary>
internal static class SpanTree
{
    /// <param name="spans">In the order in which they began.</param>
    public static IReadOnlyList<SpanView> Of(IReadOnlyList<SpanView> spans)
    {
        var known = spans.Select(span => span.SpanId).ToHashSet(StringComparer.Ordinal);
        var children = spans.ToLookup(span => span.ParentId is { } parent && known.Contains(parent) ? parent : "", StringComparer.Ordinal);
        var placed = new HashSet<string>(StringComparer.Ordinal);
        var tree = new List<SpanView>(spans.Count);
        foreach (var root in children[""].Concat(spans))
        {
            // The second time round, those in a circle: their parents are known, but lead to no root.
            var next = new Stack<(SpanView Span, int Depth)>([(root, 0)]);
            while (next.TryPop(out var top))
            {
                if (placed.Add(top.Span.SpanId))
                {
                    tree.Add(top.Span with { Depth = top.Depth });
                    foreach (var child in children[top.Span.SpanId].Reverse())
                    {
                        next.Push((child, top.Depth + 1));
                    }
                }
            }
        }

        return tree;
    }
}
