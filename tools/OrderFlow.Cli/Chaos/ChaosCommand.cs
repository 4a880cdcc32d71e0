using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Faults;
using OrderFlow.Cli.Faults.Monitor;
using OrderFlow.Cli.Reporting;
using OrderFlow.Cli.Reporting.Chaos;

namespace OrderFlow.Cli.Chaos;

/// <summary>The command line.</summary>
internal static class ChaosCommand
{
    /// <summary>What one look at a dead-letter queue can hold, with room for dead letters of other kinds.</summary>
    private const int MostGarbage = 60_000;

    private static readonly string Codes =
        $"Exit code {ChaosExitCodes.EverythingAgrees}: nothing lost, doubled, stuck or unexplained, and the counters agree; {ChaosExitCodes.Disagreement}: something is not so; "
        + $"{ChaosExitCodes.NotTested}: wrong usage, or nothing was tested.";

    private static readonly Option<double> Rate = CheckedOption.Between("--rate", 0.1, 10_000.0, 100, "Orders per second, offered at a fixed rate whatever the answers do.");
    private static readonly Option<int> Replicas = CheckedOption.Between("--replicas", 1, 8, 2, "Processes of each service.");
    private static readonly Option<string> Drain = CheckedOption.Duration("--drain", "5m", "Longest wait for the system to come to rest after the load.");
    private static readonly Option<int?> Seed = new("--seed") { Description = "What orders, faults and troubles are drawn from. Default: another one each time; it is printed first." };
    private static readonly Option<FileInfo?> Json = new("--json") { Description = "Writes the report there, too, with every finding.", HelpName = "file" };

    public static Command Create() => new(
        "chaos",
        "Starts an OrderFlow of its own, does to it what goes wrong in production, and compares a ledger of what customers know with every database, queue and counter.")
    {
        Run(), Garbage(), Outage(),
    };

    private static Command Run()
    {
        var duration = CheckedOption.Duration("--duration", "10m", "How long orders are offered.");
        var faults = CheckedOption.Between("--faults", 0, 10_000, 100, "How often something goes wrong meanwhile with services, broker or database; see --kinds.");
        var kinds = Kinds();
        var garbage = CheckedOption.Between("--garbage", 0, MostGarbage, 300, "Unreadable messages for each service's queue.");
        var command = new Command("run", $"Load, faults, duplicated, reordered and unreadable messages at once. {Codes}") { Rate, duration, faults, kinds, garbage, Replicas, Seed, Drain, Json };
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
            Description = "What goes wrong, one or more, beside a space. kill, freeze, restart: SIGKILL, SIGSTOP for up to 8 s, SIGTERM, to any process. long-freeze: the broker stands still for 30 s. "
                + "delivery-limit: a policy lets the broker give up what was delivered 2 or 3 times, while a consumer gives back what it takes. queue-deletion: a service's queue is deleted. wipe: the broker is killed and its data deleted. "
                + "The last four are rare: about one in 50 faults each, at least one where there is room. For the last two customers are held back until queues and outboxes are empty, since what is in them "
                + "would be gone, and come back while queue or broker are still missing.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [.. FaultKinds.ByName.Keys],
        };
        option.AcceptOnlyFromAmong([.. FaultKinds.ByName.Keys]);
        return option;
    }

    private static Command Garbage()
    {
        var count = CheckedOption.Between("--count", 1, MostGarbage, 10_000, "Unreadable messages for each service's queue.");
        var before = CheckedOption.Duration("--before", "30s", "How long orders are offered before the garbage comes.");
        var during = CheckedOption.Duration("--during", "60s", "How long the garbage takes to come, while orders go on.");
        var command = new Command("garbage", $"Load and unreadable messages, and nothing else: no order may be disturbed, no process may end. {Codes}") { count, Rate, before, during, Replicas, Seed, Drain, Json };
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

    private static Command Outage()
    {
        var warmUp = CheckedOption.Duration("--warm-up", "30s", "How long orders are offered before anything is measured.");
        var before = CheckedOption.Duration("--before", "60s", "How long orders are offered before the Monitor is killed; what comes after is compared with this.");
        var down = CheckedOption.Duration("--down", "60s", "How long it is kept away at least: each process of it that is started meanwhile is killed, too.");
        var after = CheckedOption.Duration("--after", "60s", "How long orders are offered from when it is back.");
        var command = new Command(
            "outage",
            $"The Monitor is killed under load and comes back: no order may be slower, and nothing may be missing in its store. {Codes} "
            + $"{ChaosExitCodes.Slower}: all of that is so, but P99 without the Monitor, or with it back, is above both 1.25 times P99 before and the highest P99 of six slices of the time before.")
        {
            Rate, warmUp, before, down, after, Replicas, Seed, Drain, Json,
        };
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

    private static TimeSpan Parse(ParseResult parsed, Option<string> duration) => Durations.Parse(parsed.GetRequiredValue(duration));

    private static async Task<int> RunAsync(string command, ParseResult parsed, Func<int, ChaosOptions> options)
    {
        var seed = parsed.GetValue(Seed) ?? RandomNumberGenerator.GetInt32(int.MaxValue);
        await Console.Out.WriteLineAsync($"Seed {seed}. Again: dotnet run -c Release --project tools/OrderFlow.Cli -- chaos {Again(command, parsed, seed)}");
        using var signals = new StopSignals();
        var progress = new Progress(Console.Out, isTerminal: !Console.IsOutputRedirected);
        try
        {
            var report = await ChaosRun.RunAsync(options(seed), progress, signals.StopSending, signals.StopWaiting);
            await Console.Out.WriteLineAsync(ReportText.Of(report));
            if (parsed.GetValue(Json) is { } file)
            {
                await File.WriteAllTextAsync(file.FullName, report.ToJson());
            }

            return report.ExitCode;
        }
        catch (Exception exception) when (exception is ChaosException or DistributedApplicationException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return ChaosExitCodes.NotTested;
        }
        catch (OperationCanceledException) when (signals.StopSending.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Stopped before the system was up: nothing was tested.");
            return ChaosExitCodes.NotTested;
        }
    }

    private static string Again(string command, ParseResult parsed, int seed)
    {
        var given = parsed.Tokens.Select(token => token.Value).Where(token => token != command).ToArray();
        var seedAt = Array.IndexOf(given, "--seed");
        var others = seedAt < 0 ? given : [.. given[..seedAt], .. given[(seedAt + 2)..]];
        return string.Join(' ', [command, .. others, "--seed", seed.ToString(CultureInfo.InvariantCulture)]);
    }
}
