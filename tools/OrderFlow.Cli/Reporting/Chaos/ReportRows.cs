using System.Text;
using static OrderFlow.Cli.Reporting.SummaryParts;

namespace OrderFlow.Cli.Reporting.Chaos;

/// <summary>What the report's table is made of.</summary>
internal static class ReportRows
{
    private const int Width = 46;

    public static void Row(StringBuilder text, string name, string value) => text.AppendLine($"{name.PadRight(Width)}  {value}");

    /// <summary>Latencies and how they compare.</summary>
    public static string Beside(LatencySummary before, LatencySummary latencies) => before.Count == 0 || latencies.Count == 0
        ? Latencies(latencies)
        : $"{Latencies(latencies)}   (P50 × {latencies.P50Ms / before.P50Ms:0.00}, P99 × {latencies.P99Ms / before.P99Ms:0.00})";
}
