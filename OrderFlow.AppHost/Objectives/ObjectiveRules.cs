using System.Globalization;
using System.Text;

namespace OrderFlow.AppHost.Objectives;

/// <summary>
/// Prometheus' rules for objectives: how fast each spends its error budget, over seven windows, what is left of it, and the alerts of the
/// Site Reliability Workbook (https://sre.google/workbook/alerting-on-slos/, "Multiwindow, Multi-Burn-Rate Alerts").
/// </summary>
public static class ObjectiveRules
{
    /// <summary>Between two evaluations. Events of a window are a sum over them, so it is part of the rules.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private static readonly string[] Windows = ["30m", "1h", "2h", "6h", "1d", "3d"];

    /// <summary>
    /// Of a budget for 30 days the first spends 2 % in an hour, the second 5 % in six, the third 10 % in a day, the last 10 % in three. The
    /// short window ends the alert soon after the cause has ended.
    /// </summary>
    private static readonly (string Long, string Short, string Rate, string Severity)[] Alerts =
    [
        ("1h", "5m", "14.4", "critical"), ("6h", "30m", "6", "critical"), ("1d", "2h", "3", "warning"), ("3d", "6h", "1", "warning"),
    ];

    public static string Write(IEnumerable<Objective> objectives)
    {
        var rules = new StringBuilder("""
            # Written by `orderflow slo` from ../slo: edit that.
            groups:

            """);
        foreach (var objective in objectives)
        {
            Write(rules, objective);
        }

        return rules.Replace("\r", "").ToString();
    }

    private static void Write(StringBuilder rules, Objective objective)
    {
        var slo = $"{{slo=\"{objective.Name}\"}}";
        var window = $"{objective.Window.TotalDays:0}d";
        var group = Group(rules, objective.Name, Interval);
        group.Record(
            "slo:events:rate5m", objective,
            $"sum(rate({objective.Total}[5m]))");
        group.Record(
            "slo:events_bad:rate5m", objective,
            $"clamp_min(sum(rate({objective.Total}[5m])) - sum(rate({objective.Good}[5m])), 0)");
        group.Record(
            "slo:error:ratio_rate5m", objective,
            $"slo:events_bad:rate5m{slo} / (slo:events:rate5m{slo} > 0)");
        foreach (var time in Windows)
        {
            // A window that is not full yet has the events that there were.
            group.Record(
                $"slo:events_bad:increase{time}", objective,
                $"sum_over_time(slo:events_bad:rate5m{slo}[{time}]) * {Interval.TotalSeconds:0}");
            group.Record(
                $"slo:error:ratio_rate{time}", objective,
                $"sum_over_time(slo:events_bad:rate5m{slo}[{time}]) / (sum_over_time(slo:events:rate5m{slo}[{time}]) > 0)");
        }

        foreach (var (longWindow, shortWindow, rate, severity) in Alerts)
        {
            WriteBurn(group, objective, slo, longWindow, shortWindow, rate, severity);
        }

        group.Alert(
            "ObjectiveHasNoData",
            $"max(absent({objective.Total}) or absent({objective.Good}))",
            "5m",
            objective,
            "critical",
            $"Nobody knows about: {objective.DisplayName}",
            "There is no series that tells of it: a service does not run, is not scraped, or names the metric otherwise. No alert of this "
            + "objective can fire.",
            "docs/operations.md#telemetry-is-missing",
            objective.Total);

        // Over days, and for people: once a minute is enough.
        Group(rules, $"{objective.Name}-budget", TimeSpan.FromMinutes(1)).Record(
            "slo:error_budget:remaining_ratio", objective,
            $"1 - sum_over_time(slo:events_bad:rate5m{slo}[{window}]) / (sum_over_time(slo:events:rate5m{slo}[{window}]) > 0) "
            + $"/ {Number(objective.ErrorBudget)}");
    }

    private static void WriteBurn(
        RuleGroup group, Objective objective, string slo, string longWindow, string shortWindow, string rate, string severity)
    {
        var threshold = $"{rate} * {Number(objective.ErrorBudget)}";
        group.Alert(
            "ErrorBudgetBurns",
            $"slo:error:ratio_rate{shortWindow}{slo} > {threshold} "
            + $"and slo:error:ratio_rate{longWindow}{slo} > {threshold} "
            + $"and slo:events_bad:increase{longWindow}{slo} >= {objective.LeastBadEvents.ToString(CultureInfo.InvariantCulture)}",
            null,
            objective,
            severity,
            $"{objective.DisplayName}: {{{{ $value | humanizePercentage }}}} of the events of {shortWindow} were bad",
            $"{objective.Description} For {longWindow}, and still, so many were bad that the budget of "
            + $"{objective.Window.TotalDays:0} days is spent {rate} times as fast as it may be.",
            objective.Runbook,
            $"slo:error:ratio_rate{longWindow}{slo}",
            ("window", longWindow));
    }

    private static RuleGroup Group(StringBuilder rules, string name, TimeSpan interval)
    {
        rules.Append(CultureInfo.InvariantCulture, $"  - name: slo-{name}\n    interval: {interval.TotalSeconds:0}s\n    rules:\n");
        return new RuleGroup(rules);
    }

    private static string Number(decimal number) => number.ToString("0.#########", CultureInfo.InvariantCulture);

    private sealed class RuleGroup(StringBuilder rules)
    {
        public void Record(string name, Objective objective, string expression) => rules.Append(
            CultureInfo.InvariantCulture,
            $"""
                  - record: {name}
                    expr: {Quoted(expression)}
                    labels: {Labels(objective)}

            """);

        public void Alert(
            string name, string expression, string? time, Objective objective, string severity, string summary, string description,
            string runbook, string query, params ReadOnlySpan<(string Name, string Value)> labels)
        {
            var more = string.Concat(labels.ToArray().Select(label => $", {label.Name}: {label.Value}"));
            rules.Append(
                CultureInfo.InvariantCulture,
                $"""
                      - alert: {name}
                        expr: {Quoted(expression)}{(time is null ? "" : $"\n        for: {time}")}
                        labels: {Labels(objective, $", severity: {severity}, team: orders{more}")}
                        annotations:
                          summary: {Quoted(summary)}
                          description: {Quoted(description)}
                          runbook_url: {Quoted(runbook)}
                          query: {Quoted(query)}

                """);
        }

        private static string Labels(Objective objective, string more = "") =>
            $"{{slo: {objective.Name}, service: {objective.Service}{more}}}";

        private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
    }
}
