using OrderFlow.Monitor.Latency;

namespace OrderFlow.Monitor.Traces;

/// <summary>
/// Compares the critical paths of slow and normal traces. The stages of the ledgers are compared for every order, see
/// <see cref="SlowFlows"/>; this compares what happens inside a stage, at the calls in it, and at flows that carry no ledger.
/// </summary>
internal sealed class SlowTraces(TracePaths traces, TimeProvider time)
{
    private const int MostRead = 50;
    private const int MostNamed = 5;

    /// <summary>A trace that ended later may not be complete: services send their spans every second.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    public async Task<SlowTracesView> CompareAsync(SlowTracesQuery query, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (from, until) = (now.AddMinutes(-query.Minutes), now - Settling);
        var flows = await traces.FlowsAsync(from, until, cancellationToken);
        var view = new SlowTracesView(
            query.Minutes, flows, Flow: null, 0, query.SlowerThanMs, "No such trace ended in this time.", Slow: null, Normal: null, []);
        if (flows.Find(query.Fits) is not { } flow)
        {
            return view;
        }

        var all = await traces.TotalsAsync(from, until, flow.Service, flow.Operation, cancellationToken);
        view = view with { Flow = flow, Traces = Counted(all) };
        if (SlowAndNormal.Of([.. all.Select(one => (one.Trace.Micros, one.Weight))], (long?)(query.SlowerThanMs * 1000))
            is not var (slow, normal))
        {
            return view with { Answer = TooFew(all, query.SlowerThanMs) };
        }

        var (slowRead, normalRead) = (Some(slow, all), Some(normal, all));
        var paths = await traces.PathsAsync(
            slowRead.Concat(normalRead).Select(index => all[index].Trace.TraceId).Distinct(StringComparer.Ordinal), from,
            cancellationToken);
        var (slowPaths, normalPaths) = (PathsOf(slowRead), PathsOf(normalRead));
        if (slowPaths.Count == 0 || normalPaths.Count == 0)
        {
            return view with { Answer = "The spans of these traces are gone: they are older than the retention." };
        }

        var differences = Differences(slowPaths, normalPaths);
        var (slowGroup, normalGroup) = (Group(slow, slowPaths), Group(normal, normalPaths));
        return view with
        {
            Answer = StageText.Slow(
                query.SlowerThanMs is { } limit ? $"The traces of {Format.Ms(limit)} and more" : "The slowest 5 %", slowGroup.MeanMicros,
                "the normal ones", normalGroup.MeanMicros, differences[0].Name, differences[0].MoreMicros),
            Slow = slowGroup,
            Normal = normalGroup,
            Differences = differences,
        };

        List<CriticalPath> PathsOf(int[] indexes) =>
            [.. indexes.Select(index => paths.GetValueOrDefault(all[index].Trace.TraceId)).OfType<CriticalPath>()];

        TraceGroup Group(int[] indexes, List<CriticalPath> read) =>
            new(
                Counted(indexes.Select(index => all[index])),
                read.Distinct().Count(),
                read.Average(path => path.Micros),
                [.. indexes.Reverse().Take(MostNamed).Select(index => all[index].Trace)]);
    }

    /// <summary>How many traces those stand for that are stored.</summary>
    private static int Counted(IEnumerable<WeightedTime> traces) => (int)Math.Round(traces.Sum(one => one.Weight));

    private static string TooFew(List<WeightedTime> all, double? slowerThanMs) =>
        all.Count < SlowAndNormal.Fewest ? $"{Format.Plural(all.Count, "trace")} ended in this time; "
            + $"it takes {SlowAndNormal.Fewest} to tell slow from normal."
        : all.Exists(one => one.Trace.Micros >= slowerThanMs * 1000)
            ? $"Nearly every trace took {Format.Ms(slowerThanMs)} or more: there are no normal ones to compare with."
        : slowerThanMs is null ? "Too few traces are stored to tell slow from normal."
        : $"No trace took {Format.Ms(slowerThanMs)} or more; the slowest took {Format.Ms(all.Max(one => one.Trace.Micros) / 1000.0)}.";

    /// <summary>
    /// Evenly spread from the least to the most; one that stands for many is there more than once, so that a plain mean is the mean of all.
    /// </summary>
    private static int[] Some(int[] indexes, List<WeightedTime> all)
    {
        if (indexes.Length <= MostRead && indexes.All(index => Math.Abs(all[index].Weight - all[indexes[0]].Weight) < 1e-6))
        {
            return indexes;
        }

        var (step, next, before) = (indexes.Sum(index => all[index].Weight) / MostRead, 0.5, 0.0);
        var some = new List<int>(MostRead);
        foreach (var index in indexes)
        {
            before += all[index].Weight;
            for (; next * step < before && some.Count < MostRead; next++)
            {
                some.Add(index);
            }
        }

        return [.. some];
    }

    private static List<PathDifference> Differences(List<CriticalPath> slow, List<CriticalPath> normal)
    {
        var (slowMeans, normalMeans) = (Means(slow), Means(normal));
        return [.. slowMeans.Keys.Union(normalMeans.Keys, StringComparer.Ordinal)
            .Select(name => (Name: name, Slow: slowMeans.GetValueOrDefault(name), Normal: normalMeans.GetValueOrDefault(name)))
            .Select(one => new PathDifference(one.Name, one.Slow, one.Normal, one.Slow - one.Normal))
            .OrderByDescending(one => one.MoreMicros).ThenBy(one => one.Name, StringComparer.Ordinal)];
    }

    private static Dictionary<string, double> Means(List<CriticalPath> paths) => paths.SelectMany(path => path.Shares)
        .GroupBy(share => share.Name, StringComparer.Ordinal)
        .ToDictionary(same => same.Key, same => (double)same.Sum(share => share.Micros) / paths.Count, StringComparer.Ordinal);
}
