using System.Globalization;
using System.Text;

namespace OrderFlow.Monitor.Alerts;

/// <summary>What a chat is told: a title, and a line for each alert. Plain text, which each chat writes as it must.</summary>
internal sealed record AlertText(string Title, string Body)
{
    /// <summary>Alerts that a message tells of; of more, how many.</summary>
    private const int Most = 20;

    public static AlertText Of(IReadOnlyList<AlertView> alerts)
    {
        var firing = alerts.Where(alert => alert.EndedAt is null).ToList();
        var title = firing.Count == 0
            ? $"Resolved: {alerts[0].Name}"
            : $"{Worst(firing)}: {firing[0].Name}{(alerts.Count > 1 ? $" and {alerts.Count - 1} more" : "")}";
        return new AlertText(title, Lines(alerts));
    }

    public static AlertText OfEscalated(IReadOnlyList<AlertView> alerts) => new(
        $"Escalated: {alerts[0].Name}{(alerts.Count > 1 ? $" and {alerts.Count - 1} more" : "")}",
        $"Nobody has acknowledged:\n{Lines(alerts)}");

    private static string Worst(IReadOnlyList<AlertView> firing) =>
        firing.Any(alert => alert.Severity == "critical") ? "Critical"
        : firing.Any(alert => alert.Severity == "warning") ? "Warning"
        : "Info";

    private static string Lines(IReadOnlyList<AlertView> alerts)
    {
        var lines = new StringBuilder();
        foreach (var alert in alerts.Take(Most))
        {
            var (word, time) = alert.EndedAt is { } end ? ("at", end) : ("since", alert.StartedAt);
            lines.Append(
                CultureInfo.InvariantCulture,
                $"[{alert.State}] {alert.Summary} ({word} {time.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC)\n");
        }

        return alerts.Count > Most ? $"{lines}… and {alerts.Count - Most} more" : lines.ToString().TrimEnd('\n');
    }
}
