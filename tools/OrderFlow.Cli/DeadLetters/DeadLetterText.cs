using System.Globalization;
using System.Text;
using OrderFlow.Messaging.Operations.DeadLetters;

namespace OrderFlow.Cli.DeadLetters;

/// <summary>The results of the commands as text.</summary>
internal static class DeadLetterText
{
    public static string Of(DeadLetterListing listing)
    {
        if (listing.Groups.Count == 0)
        {
            return $"{listing.Queue} holds no dead letter.";
        }

        var text = new StringBuilder(
            $"{listing.Queue}: {Count(listing.Total, "dead letter")} in {Count(listing.Groups.Count, "group")}, "
            + $"about {Count(listing.Aggregates, "order")}\n");
        foreach (var group in listing.Groups)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n{group.Id}  {group.Count,6} × {group.Key.Reason} of "
                + $"{string.Join(", ", group.EventTypes)}{(group.Key.Handler is { } handler ? $" in {handler}" : "")}\n");
            text.Append(
                CultureInfo.InvariantCulture,
                $"          {group.Key.ExceptionType}{(group.Key.ExceptionType is null ? "" : ": ")}{group.ExampleMessage}\n");
            text.Append(
                CultureInfo.InvariantCulture,
                $"          {Count(group.Aggregates, "order")}, oldest {Time(group.Oldest)}, newest {Time(group.Newest)}, "
                + $"for example {group.ExampleMessageId ?? "one without an id"}\n");
        }

        return text.Append(
            listing.NotSeen > 0
                ? $"\n{listing.NotSeen} more were not looked at: another replay holds them, or they are too many for one look.\n"
                : "").ToString().TrimEnd();
    }

    public static string Of(ReplayResult result) =>
        $"{Count(result.Replayed, "dead letter")} {(result.DryRun ? "would be sent" : "sent")} back to {result.Queue}; "
        + $"{result.Examined} of {result.Total} looked at"
        + result switch
        {
            { Interrupted: true } => ". Interrupted: the others are still dead letters.",
            { DryRun: true } => ".",
            _ => $". Each carries the header replay-run={result.RunId}.",
        };

    public static string Of(DiscardResult result) =>
        $"{Count(result.Discarded, "dead letter")} {(result.DryRun ? "would be discarded" : "discarded")} from {result.Queue}; "
        + $"{result.Examined} of {result.Total} looked at"
        + (result.Interrupted ? ". Interrupted: the others are still dead letters." : ".")
        + (result.Discarded > 0 && !result.DryRun ? $" They are in {result.WrittenTo} now." : "");

    private static string Count(int count, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");

    private static string Time(DateTimeOffset? at) => at?.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "unknown";
}
