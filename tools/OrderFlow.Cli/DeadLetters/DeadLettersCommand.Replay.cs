using System.CommandLine;
using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Connections;
using OrderFlow.Messaging.Operations.DeadLetters;

namespace OrderFlow.Cli.DeadLetters;

internal static partial class DeadLettersCommand
{
    private static ToolCommand Replay()
    {
        var rate = new Option<double?>("--rate") { Description = "Most events per second. Default: as fast as the broker takes them." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only says how many would be sent back." };
        var command = new ToolCommand("replay", "Sends dead letters back to their service, the oldest first.")
        {
            Service,
        };
        var selection = new SelectionOptions(command, "replay", "Most events to send back.");
        var staged = new StagedReplayOptions(command);
        foreach (var option in new Option[] { rate, dryRun, Json, BrokerOption.Broker })
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
        command.Details = "Replayed events keep their identity, so what was done before is not done twice.";
        command.AddExitCode(ExitCodes.Success, "Done.");
        command.AddExitCode(ExitCodes.Failed, "Wrong usage, or no broker.");
        command.AddExitCode(ExitCodes.NothingSelected, "Nothing was selected.");
        command.AddExitCode(
            ExitCodes.ReplayStopped, "A replay with --ramp stopped, because events failed again or had no outcome in time.");
        command.AddExitCode(ExitCodes.Interrupted, "Interrupted.");
        command.SetAction((parsed, cancellationToken) => RunAsync("sent back", () =>
        {
            var selected = selection.SelectionOf(parsed);
            var (perSecond, limit, isDry) = (parsed.GetValue(rate), selection.LimitOf(parsed), parsed.GetValue(dryRun));
            return staged.RequestOf(parsed, selected) is { } request
                ? ReplayInStagesAsync(parsed, request with { Rate = perSecond, Limit = limit, DryRun = isDry }, cancellationToken)
                : ReplayAsync(parsed, new(selected) { Rate = perSecond, Limit = limit, DryRun = isDry }, cancellationToken);
        }));
        return command;
    }

    private static async Task<int> ReplayAsync(ParseResult parsed, ReplayRequest request, CancellationToken cancellationToken)
    {
        var progress = new DeadLetterProgress(Console.Error, TimeProvider.System);
        var result = await ReplayOf(parsed).ReplayAsync(parsed.GetRequiredValue(Service), request, progress, cancellationToken);
        await Console.Out.WriteLineAsync(parsed.GetValue(Json) ? DeadLetterJson.Of(result) : DeadLetterText.Of(result));
        return result switch
        {
            { Interrupted: true } => ExitCodes.Interrupted,
            { Replayed: 0 } => ExitCodes.NothingSelected,
            _ => ExitCodes.Success,
        };
    }

    private static async Task<int> ReplayInStagesAsync(
        ParseResult parsed, StagedReplayRequest request, CancellationToken cancellationToken)
    {
        var service = parsed.GetRequiredValue(Service);
        var progress = new StagedReplayProgress(Console.Error, TimeProvider.System);
        var run = await new StagedReplay(ConnectionsOf(parsed), TimeProvider.System).RunAsync(
            service, request, progress, cancellationToken);
        await Console.Out.WriteLineAsync(parsed.GetValue(Json) ? DeadLetterJson.Of(run) : StagedReplayProgress.Of(run, service));
        return run switch
        {
            { State: StagedReplayState.Interrupted } => ExitCodes.Interrupted,
            { State: StagedReplayState.Failed or StagedReplayState.Silent } => ExitCodes.ReplayStopped,
            { Total: 0 } => ExitCodes.NothingSelected,
            _ => ExitCodes.Success,
        };
    }
}
