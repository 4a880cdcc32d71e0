using Microsoft.AspNetCore.WebUtilities;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Alerts;

/// <summary>An alert, firing or over.</summary>
/// <param name="Fingerprint">Stands for its labels.</param>
/// <param name="Name">The rule.</param>
/// <param name="Severity"><c>critical</c>, <c>warning</c> or <c>info</c>.</param>
/// <param name="Team">Who looks after it.</param>
/// <param name="Labels">All labels.</param>
/// <param name="Annotations">What the rule says of it.</param>
/// <param name="StartedAt">When it began to fire.</param>
/// <param name="EndedAt">When it ended; <see langword="null"/> while it fires.</param>
/// <param name="AcknowledgedAt">When somebody took it on.</param>
/// <param name="AcknowledgedBy">Who.</param>
/// <param name="EscalatedAt">When it was told again because nobody had.</param>
public sealed record AlertView(
    string Fingerprint, string Name, string Severity, string? Team, IReadOnlyDictionary<string, string> Labels,
    IReadOnlyDictionary<string, string> Annotations, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, DateTimeOffset? AcknowledgedAt,
    string? AcknowledgedBy, DateTimeOffset? EscalatedAt)
{
    /// <summary>What an alert is judged by lies a while before it fires.</summary>
    private static readonly TimeSpan Before = TimeSpan.FromMinutes(10);

    public string State => EndedAt is null ? AcknowledgedAt is null ? "firing" : "acknowledged" : "resolved";

    public string Summary => Annotations.GetValueOrDefault("summary") ?? Name;

    /// <summary>The page that shows what is behind it.</summary>
    public string Page => Name switch
    {
        "DeadLettersWait" => "/dead-letters",
        "OrdersFail" or "ManyOrdersFail" => Orders(("status", "failed")),
        "OrderMissesItsDeadline" => Orders(("slowerThanMs", "30000")),
        "OrderIsOpenForLong" => "/orders?status=open",
        "OrdersAreSlow" or "OrdersAreSlowOnAverage" => Orders(("slowerThanMs", "1000")),
        "ErrorBudgetBurns" when Labels.GetValueOrDefault("slo") == "order-latency" => Orders(("slowerThanMs", "1000")),
        "ErrorBudgetBurns" => Orders(("status", "failed")),
        _ when Team == "platform" => "/services",
        _ => Orders(),
    };

    private string Orders(params IEnumerable<(string Name, string Value)> query) => QueryHelpers.AddQueryString(
        "/orders",
        query.Append(("from", TimeText.Write(StartedAt - Before)))
            .Concat(EndedAt is { } end ? [("to", TimeText.Write(end))] : Enumerable.Empty<(string, string)>())
            .Select(pair => KeyValuePair.Create(pair.Item1, (string?)pair.Item2)));
}

/// <summary>An alert whose condition holds, but not yet for as long as its rule wants.</summary>
internal sealed record PendingAlert(string Name, string Severity, string Summary, DateTimeOffset Since);

/// <summary>A silence, by which Alertmanager tells nobody of alerts.</summary>
/// <param name="Id">Alertmanager's.</param>
/// <param name="Matchers">Which alerts, such as <c>alertname=OrdersFail</c>.</param>
/// <param name="By">Who made it.</param>
/// <param name="Comment">Why.</param>
/// <param name="StartsAt">From when.</param>
/// <param name="EndsAt">Until when.</param>
internal sealed record SilenceView(
    string Id, IReadOnlyList<string> Matchers, string By, string Comment, DateTimeOffset StartsAt, DateTimeOffset EndsAt);

/// <summary>All there is to say of alerts.</summary>
/// <param name="Firing">Those that fire, the worst and newest first.</param>
/// <param name="Pending">Those about to.</param>
/// <param name="Silences">Those that nobody is told of.</param>
/// <param name="History">Those that are over, the newest first.</param>
/// <param name="Messages">The latest messages to chats that were given up.</param>
/// <param name="Problem">Why it is not all; <see langword="null"/> when it is.</param>
internal sealed record AlertList(
    IReadOnlyList<AlertView> Firing, IReadOnlyList<PendingAlert> Pending, IReadOnlyList<SilenceView> Silences,
    IReadOnlyList<AlertView> History, IReadOnlyList<UntoldMessage> Messages, string? Problem);

/// <summary>A message that a chat did not take.</summary>
internal sealed record UntoldMessage(string Channel, string Title, DateTimeOffset GaveUpAt, string? Problem);
