using System.Text;
using static OrderFlow.Cli.Reporting.ReportFormat;

namespace OrderFlow.Cli.Reporting;

/// <summary>Formats the summary of a load run as text.</summary>
internal static class LoadSummaryText
{
    public static string Of(LoadSummary summary)
    {
        var text = new StringBuilder()
            .AppendLine()
            .AppendLine(
                $"offered         {summary.Offered} at "
                + $"{summary.Rate:0.##}/s{Also(summary.NotSent, "not sent: too many were waiting for their answer")}")
            .AppendLine($"accepted        {summary.Accepted}")
            .AppendLine($"rejected        {Rejected(summary.Rejected)}")
            .AppendLine($"no connection   {summary.FailedConnections}")
            .AppendLine($"outcome unknown {summary.UnknownOutcome}")
            .AppendLine($"HTTP            {Latencies(summary.Http)}   (from the intended time of sending)")
            .AppendLine($"end to end      {Latencies(summary.EndToEnd)}   (as NotificationService saw it)")
            .AppendLine($"throughput      {summary.ThroughputPerSecond:0.#} orders/s   (as NotificationService saw it)")
            .AppendLine(
                $"arrived         {summary.Arrived}{Also(summary.ArrivedNotAccepted, "of them without a 202: their answer was lost")}")
            .AppendLine($"lost            {summary.Lost}")
            .AppendLine($"notified again  {summary.Duplicates}");
        if (summary.ClockSkewed > 0)
        {
            text.AppendLine($"clock skew      {summary.ClockSkewed} ended before they began; they are in no latency");
        }

        return text.AppendLine().Append(summary.Verdict).ToString();
    }

    private static string Rejected(IReadOnlyDictionary<int, long> byStatus) => byStatus.Count == 0
        ? "0"
        : $"{byStatus.Values.Sum()} ({string.Join(", ", byStatus.Select(entry => $"{entry.Key}: {entry.Value}"))})";
}
