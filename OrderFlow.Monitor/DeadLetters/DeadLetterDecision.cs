using System.Globalization;
using OrderFlow.Messaging.Operations.DeadLetters;

namespace OrderFlow.Monitor.DeadLetters;

/// <summary>
/// What an operator decided about dead letters: exactly one of <paramref name="Message"/>, <paramref name="Group"/> and
/// <paramref name="All"/>.
/// </summary>
/// <param name="Message">The id of the one that is meant, as the list shows it: its event id, if it has one.</param>
/// <param name="Group">The group that is meant, by the id that the list shows.</param>
/// <param name="All">Whether every dead letter of the service is meant.</param>
/// <param name="Rate">For a replay, most messages per second; as fast as the broker takes them when absent.</param>
/// <param name="Reason">Why; a discard must say so.</param>
/// <param name="By">Who decided it; a discard must say so.</param>
/// <param name="DryRun">Whether it is only counted what is meant.</param>
internal sealed record DeadLetterDecision(string? Message, string? Group, bool All, double? Rate, string? Reason, string? By, bool DryRun)
{
    private const double HighestRate = 1_000_000;

    /// <summary>Whether it is a staged replay (<c>ramp</c> in the API): in steps, each only after the one before was handled.</summary>
    public bool Ramp { get; init; }

    /// <summary>For a staged replay, the sizes of its steps, before the rest; 1, 5 and 50 when absent.</summary>
    public IReadOnlyList<int>? Steps { get; init; }

    /// <summary>For a staged replay, the share of a step that may fail, from 0 to 1; none when absent.</summary>
    public double? AllowedFailures { get; init; }

    /// <summary>For a staged replay, for how many seconds the outcome of what was sent may be unknown; 60 when absent.</summary>
    public double? OutcomeTimeout { get; init; }

    /// <summary>The dead letters that are meant; <see langword="null"/> when none are named, or in two ways.</summary>
    public ReplaySelection? Selection => (Message, Group, All) switch
    {
        ({ Length: > 0 } message, null or "", false) =>
            new ReplaySelection.Message(Guid.TryParse(message, out var id) ? id.ToString() : message),
        (null or "", { Length: > 0 } group, false) => new ReplaySelection.Group(group),
        (null or "", null or "", true) => new ReplaySelection.All(),
        _ => null,
    };

    /// <summary>The request for a staged replay.</summary>
    public StagedReplayRequest ToStagedReplay()
    {
        var usual = new StagedReplayRequest(Selection!);
        return usual with
        {
            Rate = Rate,
            Steps = Steps is { Count: > 0 } ? Steps : usual.Steps,
            AllowedFailures = AllowedFailures ?? usual.AllowedFailures,
            OutcomeTimeout = OutcomeTimeout is { } seconds ? Seconds(seconds) : usual.OutcomeTimeout,
        };
    }

    /// <summary>Names each field that is wrong.</summary>
    public Dictionary<string, string[]> Problems(bool discard)
    {
        var problems = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (Selection is null)
        {
            problems["message"] = ["say which: one of message, group and all"];
        }

        if (Rate is { } rate && rate is not (>= ReplayRequest.LowestRate and <= HighestRate))
        {
            problems["rate"] = [$"must be at least {ReplayRequest.LowestRate:0.####}, one in ten minutes, and at most {HighestRate:0}"];
        }

        if (Ramp && discard)
        {
            problems["ramp"] = ["is about a replay; a discard has no steps"];
        }
        else if (Ramp && Selection is not null && problems.Count == 0 && ToStagedReplay().Problem is { } problem)
        {
            problems["ramp"] = [problem];
        }

        if (discard && string.IsNullOrWhiteSpace(Reason))
        {
            problems["reason"] = ["must say why; it is written beside each"];
        }

        if (discard && string.IsNullOrWhiteSpace(By))
        {
            problems["by"] = ["must say who decides it; it is written beside each"];
        }

        return problems;
    }

    /// <summary>Reads it from a page's form or address.</summary>
    public static DeadLetterDecision Of(Func<string, string?> field) => new(
        field("message"), field("group"), field("all") == "true", Number("rate", field), field("reason"), field("by"), DryRun: false)
    {
        Ramp = field("how") == "ramp",
        Steps = field("steps")?.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries)
            .Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : 0)
            .ToList(),
        AllowedFailures = Number("allowedPercent", field) / 100,
        OutcomeTimeout = Number("outcomeTimeout", field),
    };

    private static double? Number(string name, Func<string, string?> field) =>
        double.TryParse(field(name), CultureInfo.InvariantCulture, out var number)
            ? number
            : string.IsNullOrWhiteSpace(field(name)) ? null : double.NaN;

    private static TimeSpan Seconds(double seconds) => seconds is > 0 and < int.MaxValue ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;
}
