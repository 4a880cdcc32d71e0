using System.CommandLine;
using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Faults;

namespace OrderFlow.Cli.Chaos;

internal static partial class ChaosCommand
{
    private static ToolCommand Run()
    {
        var duration = CheckedOption.Duration("--duration", "10m", "How long orders are offered.");
        var faults = CheckedOption.Between(
            "--faults", 0, 10_000, 100, "How often something goes wrong meanwhile with services, broker or database; see --kinds.");
        var kinds = Kinds();
        var garbage = CheckedOption.Between("--garbage", 0, MostGarbage, 300, "Unreadable messages for each service's queue.");
        var command = new ToolCommand("run", "Load, faults, duplicated, reordered and unreadable messages at once.")
        {
            Rate, duration, faults, kinds, garbage, Replicas, Seed, Drain, Json,
        };
        AddExitCodes(command);
        command.SetAction(parsed => RunAsync("run", parsed, seed => new ChaosOptions
        {
            Rate = parsed.GetValue(Rate),
            Duration = Parse(parsed, duration),
            Faults = parsed.GetValue(faults),
            Kinds = [.. parsed.GetRequiredValue(kinds).Select(kind => FaultKinds.ByName[kind])],
            GarbagePerQueue = parsed.GetValue(garbage),
            Replicas = parsed.GetValue(Replicas),
            Drain = Parse(parsed, Drain),
            Seed = seed,
        }));
        return command;
    }

    private static Option<string[]> Kinds()
    {
        var option = new Option<string[]>("--kinds")
        {
            Description = "What goes wrong, one or more, beside a space. "
                + "kill, freeze, restart: SIGKILL, SIGSTOP for up to 8 s, SIGTERM, to any process. long-freeze: "
                + "the broker stands still for 30 s. "
                + "delivery-limit: a policy lets the broker give up what was delivered 2 or 3 times, "
                + "while a consumer gives back what it takes. "
                + "queue-deletion: a service's queue is deleted. wipe: the broker is killed and its data deleted. "
                + "The last four are rare: about one in 50 faults each, at least one where there is room. "
                + "For the last two customers are held back until queues and outboxes are empty, since what is in them "
                + "would be gone, and come back while queue or broker are still missing.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [.. FaultKinds.ByName.Keys],
        };
        option.AcceptOnlyFromAmong([.. FaultKinds.ByName.Keys]);
        return option;
    }
}
