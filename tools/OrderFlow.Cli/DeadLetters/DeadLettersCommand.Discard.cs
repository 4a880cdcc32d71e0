using System.CommandLine;
using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Connections;
using OrderFlow.Messaging.Operations.DeadLetters;

namespace OrderFlow.Cli.DeadLetters;

internal static partial class DeadLettersCommand
{
    private static ToolCommand Discard()
    {
        var reason = new Option<string>("--reason")
        {
            Description = "Why they may be discarded; it is written beside each.",
            Required = true,
            HelpName = "text",
        };
        var by = new Option<string>("--by")
        {
            Description = "Who decides it. Default: the user of this machine.",
            DefaultValueFactory = _ => $"{Environment.UserName}@{Environment.MachineName}",
            HelpName = "name",
        };
        var to = new Option<string?>("--to")
        {
            Description = "The file that gets them, one JSON document a line. "
                + "Default: .run/discarded/<service>.jsonl of a running system.",
            HelpName = "file",
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only says how many would be discarded." };
        var command = new ToolCommand(
            "discard", "Takes dead letters out of their queue for good, the oldest first, and writes them to a file.")
        {
            Service,
        };
        var selection = new SelectionOptions(command, "discard", "Most events to discard.");
        foreach (var option in new Option[] { reason, by, to, dryRun, Json, BrokerOption.Broker })
        {
            command.Options.Add(option);
        }

        foreach (var text in new[] { reason, by })
        {
            text.Validators.Add(result =>
            {
                if (string.IsNullOrWhiteSpace(result.GetValueOrDefault<string>()))
                {
                    result.AddError($"{text.Name} must say something; it is blank.");
                }
            });
        }

        command.Details = "Each is written with headers, body, reason, who and when before it is taken out. "
            + "Killed midway it loses nothing: at worst a message is in the file twice, with the same messageId.";
        command.AddExitCode(ExitCodes.Success, "Done.");
        command.AddExitCode(ExitCodes.Failed, "Wrong usage, no broker, or no file.");
        command.AddExitCode(ExitCodes.NothingSelected, "Nothing was selected.");
        command.AddExitCode(ExitCodes.Interrupted, "Interrupted.");
        command.SetAction((parsed, cancellationToken) => RunAsync("discarded", async () =>
        {
            var service = parsed.GetRequiredValue(Service);
            var request = new DiscardRequest(selection.SelectionOf(parsed), parsed.GetRequiredValue(reason), parsed.GetRequiredValue(by))
            {
                Limit = selection.LimitOf(parsed),
                DryRun = parsed.GetValue(dryRun),
            };
            var path = parsed.GetValue(to) ?? DiscardPath(service);
            var progress = new DeadLetterProgress(Console.Error, TimeProvider.System);
            var result = await new DeadLetterDiscard(ConnectionsOf(parsed), TimeProvider.System).DiscardAsync(
                service, request, path, progress, cancellationToken);
            await Console.Out.WriteLineAsync(parsed.GetValue(Json) ? DeadLetterJson.Of(result) : DeadLetterText.Of(result));
            return result switch
            {
                { Interrupted: true } => ExitCodes.Interrupted,
                { Discarded: 0 } => ExitCodes.NothingSelected,
                _ => ExitCodes.Success,
            };
        }));
        return command;
    }

    private static string DiscardPath(string service) =>
        ConnectionFile.Find(Environment.CurrentDirectory, AppContext.BaseDirectory) is { } running
        ? Path.Combine(Path.GetDirectoryName(running)!, "discarded", $"{service}.jsonl")
        : throw new CommandException("There is no run directory to keep what is discarded. Say where to write it: --to <file>.");
}
