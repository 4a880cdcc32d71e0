using System.CommandLine;
using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Connections;

namespace OrderFlow.Cli.Load;

/// <summary>The command <c>load</c>.</summary>
internal static class LoadCommand
{
    private static readonly Option<double> Rate =
        CheckedOption.Between("--rate", 0.1, 100_000, 200, "Orders per second, offered at a fixed rate whatever the answers do.");

    private static readonly Option<string> Duration =
        CheckedOption.Duration("--duration", "30s", "How long orders are offered: 500ms, 30s, 2m, 1h.");

    private static readonly Option<string> Drain =
        CheckedOption.Duration("--drain", "60s", "How long nothing may arrive before the wait for accepted orders is given up.");

    private static readonly Option<int> Connections =
        CheckedOption.Between("--connections", 1, 20_000, 1_000, "Most HTTP connections to the Gateway.");

    private static readonly Option<int> MaxInFlight = CheckedOption.Between(
        "--max-in-flight", 1, 1_000_000, 20_000, "Most orders waiting for their answer; what is due beyond is reported as not sent.");

    private static readonly Option<int> Seed = new("--seed")
    {
        Description = "Seed of the orders' contents.",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<bool> Json = new("--json")
    {
        Description = "One JSON document on standard output, progress on standard error.",
    };

    private static readonly Option<string?> Gateway = new("--gateway")
    {
        Description =
            $"Address of the Gateway. Default: {RunningSystem.GatewayVariable}, else {ConnectionFile.RelativePath} of a running system.",
        HelpName = "url",
    };

    public static Command Create()
    {
        var command = new ToolCommand(
            "load", "Offers orders to a running OrderFlow, and measures and checks their way to the notification.")
        {
            Rate, Duration, Drain, Connections, MaxInFlight, Seed, Json, Gateway, BrokerOption.Broker,
        };
        command.Details = "Reports how long each order took to its notification, and whether every accepted order arrived.";
        command.AddExitCode(ExitCodes.Success, "Nothing lost.");
        command.AddExitCode(ExitCodes.Failed, "Wrong usage, nothing reached, or nothing accepted.");
        command.AddExitCode(ExitCodes.OrdersLost, "An accepted order did not arrive.");
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = new LoadOptions
        {
            Rate = parsed.GetValue(Rate),
            Duration = Durations.Parse(parsed.GetRequiredValue(Duration)),
            Drain = Durations.Parse(parsed.GetRequiredValue(Drain)),
            Connections = parsed.GetValue(Connections),
            MaxInFlight = parsed.GetValue(MaxInFlight),
            Seed = parsed.GetValue(Seed),
            Json = parsed.GetValue(Json),
        };
        try
        {
            var (gateway, broker) = (parsed.GetValue(Gateway), parsed.GetValue(BrokerOption.Broker));
            var system = RunningSystem.Find(gateway, broker, Environment.CurrentDirectory, AppContext.BaseDirectory);
            return await LoadRun.RunAsync(options, system, cancellationToken);
        }
        catch (CommandException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return ExitCodes.Failed;
        }
    }
}
