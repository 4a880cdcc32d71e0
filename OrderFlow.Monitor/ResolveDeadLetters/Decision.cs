using OrderFlow.Messaging.Replaying;

namespace OrderFlow.Monitor.ResolveDeadLetters;

/// <summary>What an operator decided about dead letters: exactly one of <paramref name="Message"/>, <paramref name="Group"/> and <paramref name="All"/>.</summary>
/// <param name="Message">The event id of the one that is meant.</param>
/// <param name="Group">The group that is meant, by the id that the list shows.</param>
/// <param name="All">Whether every dead letter of the service is meant.</param>
/// <param name="Rate">For a replay, most messages per second; as fast as the broker takes them when absent.</param>
/// <param name="Reason">Why; a discard must say so.</param>
/// <param name="By">Who decided it; a discard must say so.</param>
/// <param name="DryRun">Whether it is only counted what is meant.</param>
internal sealed record Decision(Guid? Message, string? Group, bool All, double? Rate, string? Reason, string? By, bool DryRun)
{
    private const double HighestRate = 1_000_000;

    /// <summary>What is meant; <see langword="null"/> when that is not said, or said twice.</summary>
    public ReplaySelection? Selection => (Message, Group, All) switch
    {
        ({ } message, null or "", false) => new ReplaySelection.Message(message),
        (null, { Length: > 0 } group, false) => new ReplaySelection.Group(group),
        (null, null or "", true) => new ReplaySelection.All(),
        _ => null,
    };

    /// <summary>Names each field that is wrong.</summary>
    public Dictionary<string, string[]> Problems(bool discard)
    {
        var problems = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (Selection is null)
        {
            problems["message"] = ["say which: one of message, group and all"];
        }

        if (Rate is { } rate && rate is not (> 0 and <= HighestRate))
        {
            problems["rate"] = [$"must be above 0 and at most {HighestRate:0}"];
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
    public static Decision Of(Func<string, string?> field) => new(
        Guid.TryParse(field("message"), out var message) ? message : null,
        field("group"),
        field("all") == "true",
        double.TryParse(field("rate"), System.Globalization.CultureInfo.InvariantCulture, out var rate) ? rate : string.IsNullOrWhiteSpace(field("rate")) ? null : double.NaN,
        field("reason"),
        field("by"),
        DryRun: false);
}
