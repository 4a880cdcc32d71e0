using System.CommandLine;
using OrderFlow.Messaging.Operations.DeadLetters;

namespace OrderFlow.Cli.DeadLetters;

internal static partial class DeadLettersCommand
{
    private static Command Replay()
    {
        var rate = new Option<double?>("--rate") { Description = "Most events per second. Default: as fast as the broker takes them." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only says how many would be sent back." };
        var command = new Command(
            "replay",
            "Sends dead letters back to their service, the oldest first. They keep their identity, so what was done before is not done twice. "
            + $"Exit code {DeadLettersExitCodes.Done}: done; {DeadLettersExitCodes.NothingSelected}: nothing was selected; {DeadLettersExitCodes.Failed}: wrong usage or no broker; "
            + $"{DeadLettersExitCodes.Stopped}: a ramp stopped, because events failed again or nothing was heard of them; {DeadLettersExitCodes.Interrupted}: interrupted.")
        {
            Service,
        };
        var selection = new SelectionOptions(command, "replay", "Most events to send back.");
        var ramp = new StagedReplayOptions(command);
        foreach (var option in new Option[] { rate, dryRun, Json, Broker })
        {
            command.Options.Add(option);
        }

        rate.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double?>() is { } given && !(given is > 0 and <= 1_000_000))
            {
                result.AddError($"--rate must be above 0 and at most 1000000; it is {given}.");
            }
        });
        command.SetAction((parsed, cancellationToken) => RunAsync("sent back", () => ramp.RequestOf(parsed, selection.SelectionOf(parsed)) is { } inSteps
            ? RampAsync(parsed, inSteps with { Rate = parsed.GetValue(rate), Limit = selection.LimitOf(parsed), DryRun = parsed.GetValue(dryRun) }, cancellationToken)
            : ReplayAsync(
                parsed,
                new ReplayRequest(selection.SelectionOf(parsed)) { Rate = parsed.GetValue(rate), Limit = selection.LimitOf(parsed), DryRun = parsed.GetValue(dryRun) },
                cancellationToken)));
        return command;
    }

    private static async Task<int> ReplayAsync(ParseResult parsed, ReplayRequest request, CancellationToken cancellationToken)
    {
        var progress = new ProgressLines(Console.Error, TimeProvider.System);
        var result = await LibraryOf(parsed).ReplayAsync(parsed.GetRequiredValue(Service), request, progress, cancellationToken);
        await Console.Out.WriteLineAsync(parsed.GetValue(Json) ? Documents.Of(result) : ListingText.Of(result));
        return result switch
        {
            { Interrupted: true } => DeadLettersExitCodes.Interrupted,
            { Replayed: 0 } => DeadLettersExitCodes.NothingSelected,
            _ => DeadLettersExitCodes.Done,
        };
    }

    private static async Task<int> RampAsync(ParseResult parsed, StagedReplayRequest request, CancellationToken cancellationToken)
    {
        var service = parsed.GetRequiredValue(Service);
        var progress = new StagedReplayLines(Console.Error, TimeProvider.System);
        var run = await new StagedReplay(ConnectionsOf(parsed), TimeProvider.System).RunAsync(service, request, progress, cancellationToken);
        await Console.Out.WriteLineAsync(parsed.GetValue(Json) ? Documents.Of(run) : StagedReplayLines.Of(run, service));
        return run switch
        {
            { State: StagedReplayState.Interrupted } => DeadLettersExitCodes.Interrupted,
            { State: StagedReplayState.Failed or StagedReplayState.Silent } => DeadLettersExitCodes.Stopped,
            { Total: 0 } => DeadLettersExitCodes.NothingSelected,
            _ => DeadLettersExitCodes.Done,
        };
    }
}
