using OrderFlow.Cli.Ledgers;

namespace OrderFlow.Cli.Reporting;

/// <summary>Latencies in milliseconds; <see langword="null"/> when there was none.</summary>
internal sealed record LatencySummary(long Count, double? P50Ms, double? P95Ms, double? P99Ms, double? P999Ms, double? MaxMs)
{
    public static LatencySummary Of(LatencyHistogram latencies) => new(
        latencies.Count,
        latencies.Quantile(0.5)?.TotalMilliseconds,
        latencies.Quantile(0.95)?.TotalMilliseconds,
        latencies.Quantile(0.99)?.TotalMilliseconds,
        latencies.Quantile(0.999)?.TotalMilliseconds,
        latencies.Count == 0 ? null : latencies.Max.TotalMilliseconds);
}
