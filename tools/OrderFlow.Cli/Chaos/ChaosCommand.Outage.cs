using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Faults.Outage;

namespace OrderFlow.Cli.Chaos;

internal static partial class ChaosCommand
{
    private static ToolCommand Outage()
    {
        var warmUp = CheckedOption.Duration("--warm-up", "30s", "How long orders are offered before anything is measured.");
        var before = CheckedOption.Duration(
            "--before", "60s", "How long orders are offered before the Monitor is killed; what comes after is compared with this.");
        var down = CheckedOption.Duration(
            "--down", "60s", "How long it is kept away at least: each process of it that is started meanwhile is killed, too.");
        var after = CheckedOption.Duration("--after", "60s", "How long orders are offered from when it is back.");
        var command = new ToolCommand(
            "outage", "The Monitor is killed under load and comes back: no order may be slower, and nothing may be missing in its store.")
        {
            Rate, warmUp, before, down, after, Replicas, Seed, Drain, Json,
        };
        AddExitCodes(command);
        command.AddExitCode(
            ExitCodes.Slower,
            "All of that agrees, but P99 without the Monitor, or with it back, is above both 1.25 times P99 before "
            + "and the highest P99 of six slices of the time before.");
        command.SetAction(parsed =>
        {
            var plan = new OutagePlan(Parse(parsed, warmUp), Parse(parsed, before), Parse(parsed, down), Parse(parsed, after));
            return RunAsync("outage", parsed, seed => new ChaosOptions
            {
                Rate = parsed.GetValue(Rate),
                Duration = plan.Longest,
                Outage = plan,
                Duplicates = 0,
                Shuffles = false,
                Replicas = parsed.GetValue(Replicas),
                Drain = Parse(parsed, Drain),
                Seed = seed,
            });
        });
        return command;
    }
}
