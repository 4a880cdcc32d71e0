using OrderFlow.Cli.CommandLine;

namespace OrderFlow.Cli.Reporting;

/// <summary>A load run at one moment.</summary>
/// <param name="Sent">Orders sent so far.</param>
/// <param name="Accepted">Orders answered with 202.</param>
/// <param name="Rejected">Orders answered otherwise.</param>
/// <param name="Failed">Orders that found no connection.</param>
/// <param name="Arrived">Orders whose notification arrived.</param>
/// <param name="InFlight">Orders that wait for their answer or, once accepted, for their notification.</param>
/// <param name="P99">End to end, so far.</param>
internal sealed record LoadProgress(long Sent, long Accepted, long Rejected, long Failed, long Arrived, long InFlight, TimeSpan? P99)
{
    /// <summary>One line for a terminal.</summary>
    public string Text(TimeSpan elapsed) =>
        $"{elapsed.TotalSeconds,4:0} s  sent {Sent,-6} accepted {Accepted,-6} rejected {Rejected + Failed,-4} arrived {Arrived,-6} "
        + $"open {InFlight,-4} P99 {(P99 is { } p99 ? Durations.Show(p99) : "-")}";
}
