using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>
/// Decides which traces are kept, when they are over: all that failed or were slow, a share of the others by a hash of the trace's id, and
/// at low rates more than that, so that who places a single order finds its trace. Of one thread.
/// </summary>
internal sealed class TailSampler(MonitorOptions options, TimeProvider time)
{
    /// <summary>Seconds whose allowance may be used at once.</summary>
    private const double Burst = 5;

    private readonly ulong _bound = options.TraceRatio >= 1 ? ulong.MaxValue : (ulong)(options.TraceRatio * ulong.MaxValue);
    private double _allowance = options.TracesPerSecond * Burst;
    private long _at = time.GetTimestamp();
    private int _uncounted;

    /// <summary>Whether a trace is kept whatever the ratio says.</summary>
    public bool IsOfInterest(BufferedTrace trace) => trace.IsFailed || trace.Duration >= options.SlowTrace;

    /// <summary>Of traces that were neither slow nor failed, those that are kept.</summary>
    /// <param name="traces">The traces that are decided now.</param>
    /// <returns>
    /// The ones kept, and for how many of <paramref name="traces"/>, and of those before of which none was kept, each of them stands:
    /// figures that are computed with this weight are those of all traces.
    /// </returns>
    public (List<BufferedTrace> Kept, double Weight) Choose(IReadOnlyCollection<BufferedTrace> traces)
    {
        var now = time.GetTimestamp();
        _allowance = Math.Min(
            options.TracesPerSecond * Burst, _allowance + (time.GetElapsedTime(_at, now).TotalSeconds * options.TracesPerSecond));
        _at = now;
        var kept = new List<BufferedTrace>();
        foreach (var trace in traces)
        {
            var isChosen = IsWithin(trace.Id);
            if (isChosen || _allowance >= 1)
            {
                _allowance = Math.Max(0, _allowance - 1);
                kept.Add(trace);
            }
        }

        _uncounted += traces.Count;
        if (kept.Count == 0)
        {
            return (kept, 0);
        }

        var weight = (double)_uncounted / kept.Count;
        _uncounted = 0;
        return (kept, weight);
    }

    /// <summary>
    /// Whether the ratio keeps a trace. It looks at the second half of the id, and mixes it: the services' own sampler looks at the first,
    /// so the two decide independently, and ids that somebody counts up are spread as evenly as random ones.
    /// </summary>
    public bool IsWithin(UInt128 trace)
    {
        var hash = (ulong)trace;
        hash ^= hash >> 33;
        hash *= 0xff51afd7ed558ccd;
        hash ^= hash >> 33;
        hash *= 0xc4ceb9fe1a85ec53;
        hash ^= hash >> 33;
        return hash < _bound || _bound == ulong.MaxValue;
    }
}
