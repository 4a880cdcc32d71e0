using OrderFlow.Cli.CommandLine;

namespace OrderFlow.Cli.Reporting;

/// <summary>What summaries for people have in common.</summary>
internal static class SummaryParts
{
    public static string Latencies(LatencySummary latency) => latency.Count == 0
        ? "-"
        : $"P50 {Latency(latency.P50Ms)}  P95 {Latency(latency.P95Ms)}  P99 {Latency(latency.P99Ms)}  P99.9 {Latency(latency.P999Ms)}  max {Latency(latency.MaxMs)}";

    /// <summary>Milliseconds.</summary>
    public static string Latency(double? milliseconds) => milliseconds is { } value ? Durations.Show(TimeSpan.FromMilliseconds(value)) : "-";

    /// <summary>A remark about some of them, if there are any.</summary>
    public static string Also(long count, string what) => count == 0 ? "" : $"   ({count} {what})";
}
