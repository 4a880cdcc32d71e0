using System.Text;
using OrderFlow.Cli.CommandLine;

namespace OrderFlow.Cli.Reporting;

/// <summary>The parts that the reports for people have in common.</summary>
internal static class ReportFormat
{
    private const int NameWidth = 46;

    /// <summary>Appends one row of the report's table.</summary>
    public static void Row(StringBuilder text, string name, string value) => text.AppendLine($"{name.PadRight(NameWidth)}  {value}");

    public static string Latencies(LatencySummary latency) => latency.Count == 0
        ? "-"
        : $"P50 {Latency(latency.P50Ms)}  P95 {Latency(latency.P95Ms)}  P99 {Latency(latency.P99Ms)}"
            + $"  P99.9 {Latency(latency.P999Ms)}  max {Latency(latency.MaxMs)}";

    /// <summary>Milliseconds.</summary>
    public static string Latency(double? milliseconds) =>
        milliseconds is { } value ? Durations.Show(TimeSpan.FromMilliseconds(value)) : "-";

    /// <summary>Latencies, and their ratio to those before.</summary>
    public static string Beside(LatencySummary before, LatencySummary latencies) => before.Count == 0 || latencies.Count == 0
        ? Latencies(latencies)
        : $"{Latencies(latencies)}   (P50 × {latencies.P50Ms / before.P50Ms:0.00}, P99 × {latencies.P99Ms / before.P99Ms:0.00})";

    /// <summary>A remark about some of them, if there are any.</summary>
    public static string Also(long count, string what) => count == 0 ? "" : $"   ({count} {what})";
}
