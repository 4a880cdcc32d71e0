namespace OrderFlow.Benchmarks.Measuring.Latencies;

/// <summary>What a set of latencies comes to, in milliseconds.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="P50">Half of them are no longer than this; 0 when there are none.</param>
/// <param name="P99">The same for 99 of 100.</param>
/// <param name="Max">The longest.</param>
public sealed record LatencySummary(int Count, double P50, double P99, double Max)
{
    private const double MicrosPerMillisecond = 1000;

    /// <summary>Sums up latencies; the percentiles are values that occurred (nearest rank), none is interpolated.</summary>
    /// <param name="micros">The latencies, in microseconds, in any order.</param>
    public static LatencySummary Of(ReadOnlySpan<long> micros)
    {
        var sorted = micros.ToArray();
        Array.Sort(sorted);
        return new(sorted.Length, Quantile(sorted, 0.5), Quantile(sorted, 0.99), Quantile(sorted, 1));
    }

    private static double Quantile(long[] sorted, double quantile) => sorted.Length == 0
        ? 0
        : sorted[Math.Max(1, (int)Math.Ceiling(quantile * sorted.Length)) - 1] / MicrosPerMillisecond;
}
