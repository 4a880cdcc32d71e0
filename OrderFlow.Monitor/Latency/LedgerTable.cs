namespace OrderFlow.Monitor.Latency;

/// <summary>Ledgers side by side: for each stage, what it took in each flow, in microseconds.</summary>
internal sealed class LedgerTable
{
    private readonly Dictionary<(string? Hop, string Stage), long[]> _micros = [];

    public LedgerTable(IReadOnlyList<SampledFlow> flows)
    {
        Flows = flows;
        Totals = [.. flows.Select(flow => flow.TotalMicros)];
        foreach (var (index, flow) in flows.Index())
        {
            foreach (var entry in flow.Entries)
            {
                var stage = (entry.Hop, entry.Stage);
                if (!_micros.TryGetValue(stage, out var micros))
                {
                    _micros[stage] = micros = new long[flows.Count];
                }

                // After a retry, a flow is in a stage a second time.
                micros[index] += entry.Micros;
            }
        }
    }

    public IReadOnlyList<SampledFlow> Flows { get; }

    /// <summary>What each flow took.</summary>
    public long[] Totals { get; }

    public IReadOnlyDictionary<(string? Hop, string Stage), long[]> Micros => _micros;

    /// <summary>The least of the values that at least this share of them does not exceed.</summary>
    public static long Percentile(long[] values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
