namespace OrderFlow.Cli.Faults.Outage;

/// <summary>How long orders are offered before the Monitor is killed, while it is kept away, and from when it is back.</summary>
/// <param name="WarmUp">Orders before all that: a system that has just started is slower, and would make what comes after it look
/// fast.</param>
/// <param name="Before">What the rest is measured by.</param>
/// <param name="Down">How long it is kept away at least: until the AppHost's next start after it.</param>
/// <param name="After">From when its process is back, catching up included.</param>
internal sealed record OutagePlan(TimeSpan WarmUp, TimeSpan Before, TimeSpan Down, TimeSpan After)
{
    /// <summary>The AppHost's longest pause between two starts is 30 s.</summary>
    public static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(1);

    public static readonly TimeSpan LongestCatchUp = TimeSpan.FromMinutes(5);

    /// <summary>Longer than the run can last; it ends when the outage is over.</summary>
    public TimeSpan Longest => WarmUp + Before + Down + LongestStart + LongestCatchUp + After;

    /// <summary>
    /// The Monitor's deadline of a flow in this run: an order that was placed before the outage and notified during it would count as late
    /// if the time of storing were compared.
    /// </summary>
    public TimeSpan FlowDeadline => Down / 2;
}
