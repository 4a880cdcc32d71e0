using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Security.Cryptography;
using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Reporting;

namespace OrderFlow.Cli.Chaos;

/// <summary>The command <c>chaos</c> with its subcommands <c>run</c>, <c>garbage</c> and <c>outage</c>.</summary>
internal static partial class ChaosCommand
{
    /// <summary>As many as one look at a dead-letter queue can return, with room for dead letters of other kinds.</summary>
    private const int MostGarbage = 60_000;

    private static readonly Option<double> Rate =
        CheckedOption.Between("--rate", 0.1, 10_000.0, 100, "Orders per second, offered at a fixed rate whatever the answers do.");

    private static readonly Option<int> Replicas = CheckedOption.Between("--replicas", 1, 8, 2, "Processes of each service.");

    private static readonly Option<string> Drain =
        CheckedOption.Duration("--drain", "5m", "Longest wait for the system to settle after the load.");

    private static readonly Option<int?> Seed = new("--seed")
    {
        Description = "Seed of orders, faults and message faults. Default: another one each time; it is printed first.",
    };

    private static readonly Option<FileInfo?> Json = new("--json")
    {
        Description = "Writes the report there, too, with every discrepancy.",
        HelpName = "file",
    };

    public static Command Create() => new(
        "chaos",
        "Starts an OrderFlow of its own, injects faults under load, and verifies that no order is lost or doubled.")
    {
        Run(), Garbage(), Outage(),
    };

    private static void AddExitCodes(ToolCommand command)
    {
        command.Details = "A ledger of what customers know is compared with every database, queue and counter.";
        command.AddExitCode(ExitCodes.Success, "Nothing lost, doubled, stuck or unexplained, and the counters agree.");
        command.AddExitCode(ExitCodes.Failed, "Wrong usage, or nothing was tested.");
        command.AddExitCode(ExitCodes.Disagreement, "Something is lost, doubled, stuck or unexplained, or a counter disagrees.");
    }

    private static TimeSpan Parse(ParseResult parsed, Option<string> duration) => Durations.Parse(parsed.GetRequiredValue(duration));

    private static async Task<int> RunAsync(string command, ParseResult parsed, Func<int, ChaosOptions> options)
    {
        var seed = parsed.GetValue(Seed) ?? RandomNumberGenerator.GetInt32(int.MaxValue);
        await Console.Out.WriteLineAsync(
            $"Seed {seed}. Again: dotnet run -c Release --project tools/OrderFlow.Cli -- chaos {Again(command, parsed, seed)}");
        using var signals = new StopSignals();
        var progress = new Progress(Console.Out, isTerminal: !Console.IsOutputRedirected);
        try
        {
            var report = await ChaosRun.RunAsync(options(seed), progress, signals.StopSending, signals.StopWaiting);
            await Console.Out.WriteLineAsync(ChaosReportText.Of(report));
            if (parsed.GetValue(Json) is { } file)
            {
                await File.WriteAllTextAsync(file.FullName, report.ToJson());
            }

            return report.ExitCode;
        }
        catch (Exception exception) when (exception is CommandException or DistributedApplicationException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException) when (signals.StopSending.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Stopped before the system was up: nothing was tested.");
            return ExitCodes.Failed;
        }
    }

    /// <summary>The subcommand with the options that were given, and the seed that was drawn.</summary>
    private static string Again(string command, ParseResult parsed, int seed)
    {
        var given = parsed.Tokens.Where(token => token.Type != TokenType.Command).Select(token => token.Value).ToArray();
        var seedAt = Array.IndexOf(given, Seed.Name);
        var others = seedAt < 0 ? given : [.. given[..seedAt], .. given[(seedAt + 2)..]];
        return string.Join(' ', [command, .. others, Seed.Name, seed.ToString(CultureInfo.InvariantCulture)]);
    }
}
