using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.DeadLetters;

/// <summary>Which dead letters of a service are shown; what is not given leaves out none.</summary>
/// <param name="Group">The group, by the id that the list shows.</param>
/// <param name="Event">The event's wire type.</param>
/// <param name="Exception">A part of the exception's type.</param>
/// <param name="User">The user that the event is of.</param>
/// <param name="Text">A part of the exception's message, the reason, the handler or an id.</param>
/// <param name="From">The time from which on they were given up.</param>
/// <param name="To">The time until which they were.</param>
internal sealed record DeadLetterFilter(
    string? Group = null, string? Event = null, string? Exception = null, string? User = null, string? Text = null,
    DateTimeOffset? From = null, DateTimeOffset? To = null)
{
    /// <summary>Whether it leaves out some of a group, so that what is decided about the group is not about what is shown.</summary>
    public bool IsNarrow => this with { Group = null } != new DeadLetterFilter();

    /// <summary>Reads it from an address.</summary>
    /// <param name="query">The address's parameters.</param>
    /// <param name="problems">Each parameter that is wrong.</param>
    public static DeadLetterFilter Of(IQueryCollection query, out Dictionary<string, string[]> problems)
    {
        var wrong = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var filter = new DeadLetterFilter(
            Given("group"), Given("event"), Given("exception"), Given("user"), Given("text"), Time("from"), Time("to"));
        problems = wrong;
        return filter;

        string? Given(string name) => query[name].ToString().Trim() is { Length: > 0 } given ? given : null;

        DateTimeOffset? Time(string name)
        {
            var time = Given(name) is { } text ? TimeText.Read(text) : null;
            if (time is null && Given(name) is not null)
            {
                wrong[name] = ["It must be a time, such as 2026-01-31T12:00:00Z."];
            }

            return time;
        }
    }

    public bool Takes(DeadLetter letter) =>
        (Group is null || letter.Key.Id == Group)
        && (Event is null || letter.EventType == Event)
        && (Exception is null || Has(letter.Key.ExceptionType, Exception))
        && (User is null || letter.UserId == User)
        && (From is null || letter.DeadLetteredAt >= From)
        && (To is null || letter.DeadLetteredAt <= To)
        && (Text is null || Has(letter.ExceptionMessage, Text) || Has(letter.Key.Reason, Text) || Has(letter.Key.Handler, Text)
            || Has(letter.Id, Text) || Has(letter.AggregateId, Text));

    /// <summary>The same in an address.</summary>
    public IEnumerable<(string Name, string? Value)> Parameters =>
    [
        ("group", Group), ("event", Event), ("exception", Exception), ("user", User), ("text", Text),
        ("from", From is { } from ? TimeText.Write(from) : null), ("to", To is { } to ? TimeText.Write(to) : null),
    ];

    private static bool Has(string? text, string part) => text?.Contains(part, StringComparison.OrdinalIgnoreCase) == true;
}
