namespace OrderFlow.AppHost.Objectives;

/// <summary>A service level objective over events that are good or not, as counters of Prometheus have them.</summary>
/// <param name="Name">Its name, the label <c>slo</c>: lower case, with hyphens.</param>
/// <param name="DisplayName">What it is about, for people.</param>
/// <param name="Description">What is promised, in a sentence.</param>
/// <param name="Service">Whose it is.</param>
/// <param name="Good">The counter of the good events: a selector without a range.</param>
/// <param name="Total">The counter of all events.</param>
/// <param name="Target">The share of good ones that is promised, between 0 and 1.</param>
/// <param name="Window">Over how long the error budget is counted.</param>
/// <param name="LeastBadEvents">Bad events in the long window of an alert without which it does not fire.</param>
/// <param name="Runbook">The page, and its section, that says what to do.</param>
public sealed record Objective(
    string Name, string DisplayName, string Description, string Service, string Good, string Total, decimal Target, TimeSpan Window,
    int LeastBadEvents, string Runbook)
{
    /// <summary>The share of events that may be bad.</summary>
    public decimal ErrorBudget => 1 - Target;
}
