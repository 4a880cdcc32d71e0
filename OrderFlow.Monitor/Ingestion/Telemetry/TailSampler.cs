using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>
/// Decides which traces are kept, when they are over: all that failed, those that were slow up to so many a second, a share of the others
/// by a hash of the trace's id, and at low rates more than that, so that who places a single order finds its trace. Of one thread.
/// </summary>
internal sealed class TailSampler(MonitorOptions options, TimeProvider time)
{
    private readonly ulong _bound = options.TraceRatio >= 1 ? ulong.MaxValue : (ulong)(options.TraceRatio * ulong.MaxValue);
    private readonly Allowance _ordinary = new(options.TracesPerSecond, time);
    private readonly Allowance _slow = new(options.SlowTracesPerSecond, time);
    private int _uncounted;
    private int _uncountedSlow;

    public bool IsSlow(BufferedTrace trace) => trace.Duration >= options.SlowTrace;

    /// <summary>Of traces that were slow, those that are kept for that: the slowest, as many as are allowed by now.</summary>
    public List<BufferedTrace> ChooseSlow(List<BufferedTrace> traces)
    {
        _slow.Renew();
        var kept = _slow.Take(traces.Count);
        return kept == traces.Count ? traces : [.. traces.OrderByDescending(trace => trace.Duration).Take(kept)];
    }

    /// <summary>Of traces that are not kept anyway, those that the ratio keeps.</summary>
    /// <param name="traces">The traces that are decided now.</param>
    /// <param name="isSlow">Whether they are slow: those stand for slow ones alone.</param>
    /// <returns>
    /// The ones kept, and for how many of <paramref name="traces"/>, and of those before of which none was kept, each of them stands:
    /// figures that are computed with this weight are those of all traces.
    /// </returns>
    public (List<BufferedTrace> Kept, double Weight) Choose(IReadOnlyCollection<BufferedTrace> traces, bool isSlow)
    {
        _ordinary.Renew();
        var kept = new List<BufferedTrace>();
        foreach (var trace in traces)
        {
            // One that the ratio keeps uses the allowance, too.
            var isAllowed = _ordinary.Take(1) == 1;
            if (isAllowed || IsWithin(trace.Id))
            {
                kept.Add(trace);
            }
        }

        ref var uncounted = ref isSlow ? ref _uncountedSlow : ref _uncounted;
        uncounted += traces.Count;
        if (kept.Count == 0)
        {
            return (kept, 0);
        }

        var weight = (double)uncounted / kept.Count;
        uncounted = 0;
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

    /// <summary>So many traces a second, those of some seconds at once.</summary>
    private sealed class Allowance(double perSecond, TimeProvider time)
    {
        private const double Burst = 5;

        /// <summary>Also of a small rate one is allowed, some time.</summary>
        private readonly double _most = perSecond > 0 ? Math.Max(1, perSecond * Burst) : 0;
        private double _left = perSecond * Burst;
        private long _at = time.GetTimestamp();

        public void Renew()
        {
            var now = time.GetTimestamp();
            _left = Math.Min(_most, _left + (time.GetElapsedTime(_at, now).TotalSeconds * perSecond));
            _at = now;
        }

        /// <summary>Uses it for as many traces as are wanted, or as there is.</summary>
        public int Take(int wanted)
        {
            var taken = (int)Math.Min(wanted, Math.Floor(_left));
            _left -= taken;
            return taken;
        }
    }
}
