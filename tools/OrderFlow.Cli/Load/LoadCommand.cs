using System.CommandLine;
using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Connections;

namespace OrderFlow.Cli.Load;

/// <summary>The command line.</summary>
internal static class LoadCommand
{
    public static Command Create()
    {
        var rate = CheckedOption.Between("--rate", 0.1, 100_000, 200, "Orders per second, offered at a fixed rate whatever the answers do.");
        var duration = CheckedOption.Duration("--duration", "30s", "How long orders are offered: 500ms, 30s, 2m, 1h.");
        var drain = CheckedOption.Duration("--drain", "60s", "How long nothing may arrive before the wait for accepted orders is given up.");
        var connections = CheckedOption.Between("--connections", 1, 20_000, 1_000, "Most HTTP connections to the Gateway.");
        var inFlight = CheckedOption.Between("--max-in-flight", 1, 1_000_000, 20_000, "Most orders waiting for their answer; what is due beyond is reported as not sent.");
        var seed = new Option<int>("--seed") { Description = "Seed of the orders' contents.", DefaultValueFactory = _ => 1 };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output, progress on standard error." };
        var gateway = new Option<string?>("--gateway") { Description = $"Address of the Gateway. Default: {RunningSystem.GatewayVariable}, else {ConnectionFile.RelativePath} of a running system." };
        var broker = new Option<string?>("--broker") { Description = $"AMQP URI of the broker. Default: {RunningSystem.BrokerVariable}, else {ConnectionFile.RelativePath} of a running system." };

        var command = new Command(
            "load",
            "Offers orders to a running OrderFlow and tells how long each took to its notification, and whether every accepted order arrived. "
            + $"Exit code {ExitCodes.NothingLost}: nothing lost; {ExitCodes.Lost}: an accepted order did not arrive; {ExitCodes.NotTested}: wrong usage, nothing reached, or nothing accepted.")
        {
            rate, duration, drain, connections, inFlight, seed, json, gateway, broker,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new LoadOptions
            {
                Rate = parsed.GetValue(rate),
                Duration = Durations.Parse(parsed.GetRequiredValue(duration)),
                Drain = Durations.Parse(parsed.GetRequiredValue(drain)),
                Connections = parsed.GetValue(connections),
                MaxInFlight = parsed.GetValue(inFlight),
                Seed = parsed.GetValue(seed),
                Json = parsed.GetValue(json),
            };
            try
            {
                var system = RunningSystem.Find(parsed.GetValue(gateway), parsed.GetValue(broker), Environment.CurrentDirectory, AppContext.BaseDirectory);
                return await LoadRun.RunAsync(options, system, cancellationToken);
            }
            catch (CommandException exception)
            {
                await Console.Error.WriteLineAsync(exception.Message);
                return ExitCodes.NotTested;
            }
        });
        return command;
    }
}
