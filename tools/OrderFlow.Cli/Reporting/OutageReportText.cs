using System.Text;
using static OrderFlow.Cli.Reporting.ReportFormat;

namespace OrderFlow.Cli.Reporting;

/// <summary>Writes the outage's part of the report as text.</summary>
internal static class OutageReportText
{
    public static void Write(StringBuilder text, OutageReport outage)
    {
        Compare(text, "accepted after", outage.Accept);
        Compare(text, "customer notified after", outage.EndToEnd);
        Row(text, "Monitor away", $"{outage.AwaySeconds:0.0} s; {outage.Kills} processes of it killed");
        Row(text, "  events that waited for it at most", $"{outage.MostWaiting}");
        Row(text, "  caught up", outage.CatchUpSeconds is { } seconds ? $"{seconds:0.0} s after its process was back" : "not at all");
        Row(text, "  events in its store", $"{outage.StoredEvents}");
        foreach (var trace in outage.Traces)
        {
            Row(
                text,
                $"  traces of orders placed {(trace.Placed == "away" ? "while it was away" : trace.Placed)}",
                $"{trace.Sampled}: {trace.Whole} whole, {trace.Partial} partial, {trace.Missing} missing");
        }

        Row(
            text,
            "other programs, before → away → after",
            $"{string.Join(" → ", outage.Others.Select(share => $"{share:0 %}"))} of the machine");
        foreach (var service in outage.Services)
        {
            Row(
                text,
                $"{service.Service}, memory before → away → after",
                $"{string.Join(" → ", service.MemoryMegabytes.Select(megabytes => $"{megabytes:0}"))} MB");
            Row(text, "  its log", $"{string.Join(" → ", service.LogKilobytesPerSecond.Select(kilobytes => $"{kilobytes:0.0}"))} kB/s");
        }
    }

    private static void Compare(StringBuilder text, string what, LatencyComparison latencies)
    {
        Row(
            text,
            $"{what}, before the outage",
            $"{Latencies(latencies.Before)}   (P99 of {LatencyComparison.Slices} slices of it: "
            + $"{Latency(latencies.SlicesP99Ms.Min())} to {Latency(latencies.SlicesP99Ms.Max())})");
        Row(text, "  while the Monitor was away", Beside(latencies.Before, latencies.Away));
        Row(text, "  from when it was back", Beside(latencies.Before, latencies.After));
        Row(text, "    until it had caught up", Beside(latencies.Before, latencies.CatchingUp));
        Row(text, "  P99 within the noise of the run", latencies.IsWithinNoise switch
        {
            true => $"yes: not above {Latency(latencies.LimitMs)}",
            false => $"no: above {Latency(latencies.LimitMs)}",
            null => "too few orders to say",
        });
    }
}
