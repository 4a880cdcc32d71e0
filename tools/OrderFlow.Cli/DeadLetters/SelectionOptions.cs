using System.CommandLine;
using OrderFlow.Messaging.Operations.DeadLetters;

namespace OrderFlow.Cli.DeadLetters;

/// <summary>The options that select dead letters: one, a group, or all, and how many at most.</summary>
internal sealed class SelectionOptions
{
    private readonly Option<string?> _message = new("--message") { Description = "Only the event with this id.", HelpName = "id" };
    private readonly Option<string?> _group = new("--group")
    {
        Description = "Only the group with this id, as list shows it.",
        HelpName = "id",
    };
    private readonly Option<bool> _all = new("--all") { Description = "Every dead letter of the service." };
    private readonly Option<int> _limit;

    public SelectionOptions(Command command, string verb, string limitDescription)
    {
        _limit = new("--limit") { Description = limitDescription, DefaultValueFactory = _ => int.MaxValue, HelpName = "n" };
        _limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 and var given)
            {
                result.AddError($"--limit must be at least 1; it is {given}.");
            }
        });
        foreach (var option in new Option[] { _message, _group, _all, _limit })
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            bool[] given = [result.GetValue(_message) is not null, result.GetValue(_group) is not null, result.GetValue(_all)];
            if (given.Count(isGiven => isGiven) != 1)
            {
                result.AddError($"Say what to {verb}: one of --message <id>, --group <id> or --all.");
            }
        });
    }

    public ReplaySelection SelectionOf(ParseResult parsed) =>
        parsed.GetValue(_message) is { } id ? new ReplaySelection.Message(Guid.TryParse(id, out var guid) ? guid.ToString() : id)
        : parsed.GetValue(_group) is { } name ? new ReplaySelection.Group(name)
        : new ReplaySelection.All();

    public int LimitOf(ParseResult parsed) => parsed.GetValue(_limit);
}
