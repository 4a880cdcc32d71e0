using OrderFlow.Cli.CommandLine;

namespace OrderFlow.Cli.Chaos;

internal static partial class ChaosCommand
{
    private static ToolCommand Garbage()
    {
        var count = CheckedOption.Between("--count", 1, MostGarbage, 10_000, "Unreadable messages for each service's queue.");
        var before = CheckedOption.Duration("--before", "30s", "How long orders are offered before the garbage comes.");
        var during = CheckedOption.Duration("--during", "60s", "How long the garbage takes to come, while orders go on.");
        var command = new ToolCommand(
            "garbage", "Load and unreadable messages, and nothing else: no order may be disturbed, no process may end.")
        {
            count, Rate, before, during, Replicas, Seed, Drain, Json,
        };
        AddExitCodes(command);
        command.SetAction(parsed => RunAsync("garbage", parsed, seed => new ChaosOptions
        {
            Rate = parsed.GetValue(Rate),
            Duration = Parse(parsed, before) + Parse(parsed, during),
            GarbageFrom = Parse(parsed, before),
            GarbagePerQueue = parsed.GetValue(count),
            Duplicates = 0,
            Shuffles = false,
            Replicas = parsed.GetValue(Replicas),
            Drain = Parse(parsed, Drain),
            Seed = seed,
        }));
        return command;
    }
}
