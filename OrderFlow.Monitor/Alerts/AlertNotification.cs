namespace OrderFlow.Monitor.Alerts;

/// <summary>
/// What Alertmanager posts to a webhook, version 4: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config.
/// </summary>
/// <param name="Alerts">The alerts of a group that fire, or ended since it told of them last.</param>
internal sealed record AlertNotification(IReadOnlyList<NotifiedAlert?>? Alerts)
{
    /// <summary>Alerts in one notification that are taken.</summary>
    public const int Most = 10_000;

    /// <summary>Characters of a fingerprint; Alertmanager's has 16.</summary>
    public const int LongestFingerprint = 64;

    /// <summary>What is wrong with it; <see langword="null"/> when it can be stored.</summary>
    public string? Problem =>
        Alerts is null ? "It has no alerts: this takes what Alertmanager posts to a webhook, version 4."
        : Alerts.Count > Most ? $"It has {Alerts.Count} alerts; at most {Most} are taken."
        : Wrong is >= 0 and var index ? $"alerts[{index}] has no fingerprint of at most {LongestFingerprint} characters, or no startsAt."
        : null;

    /// <summary>The first alert that cannot be stored; -1 when all can.</summary>
    private int Wrong => Alerts!.Select((alert, at) => (IsWrong: alert is not { IsComplete: true }, at))
        .Where(one => one.IsWrong).Select(one => one.at).DefaultIfEmpty(-1).First();
}

/// <summary>An alert as Alertmanager tells of it.</summary>
/// <param name="Status"><c>firing</c> or <c>resolved</c>.</param>
/// <param name="Labels">What tells it from others.</param>
/// <param name="Annotations">What is said of it.</param>
/// <param name="StartsAt">When it began to fire.</param>
/// <param name="EndsAt">When it ended; the year 1 while it fires.</param>
/// <param name="Fingerprint">Stands for the labels.</param>
internal sealed record NotifiedAlert(
    string? Status, Dictionary<string, string?>? Labels, Dictionary<string, string?>? Annotations, DateTimeOffset StartsAt,
    DateTimeOffset EndsAt, string? Fingerprint)
{
    public bool IsComplete =>
        Fingerprint is { Length: > 0 and <= AlertNotification.LongestFingerprint } && StartsAt.UtcDateTime.Year > 1;

    public bool IsOver => Status == "resolved";
}
