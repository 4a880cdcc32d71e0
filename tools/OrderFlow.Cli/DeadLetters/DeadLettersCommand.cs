using System.CommandLine;
using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Connections;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Operations.DeadLetters;
using RabbitMQ.Client;

namespace OrderFlow.Cli.DeadLetters;

/// <summary>The command <c>dead-letters</c> with its subcommands <c>list</c>, <c>replay</c> and <c>discard</c>.</summary>
internal static partial class DeadLettersCommand
{
    private static readonly Option<string> Service = new("--service")
    {
        Description = $"The service whose dead letters they are, such as {ServiceNames.NotificationService}.",
        Required = true,
        HelpName = "name",
    };

    private static readonly Option<bool> Json = new("--json") { Description = "One JSON document on standard output." };

    public static Command Create() =>
        new("dead-letters", "Shows the events that a service could not handle, sends them back to it, or discards them.")
        {
            List(), Replay(), Discard(),
        };

    private static ToolCommand List()
    {
        var command = new ToolCommand(
            "list", "Groups the dead letters by handler, reason, exception and the way through the code. They stay where they are.")
        {
            Service, Json, BrokerOption.Broker,
        };
        command.AddExitCode(ExitCodes.Success, "Listed, also when there is none.");
        command.AddExitCode(ExitCodes.Failed, "Wrong usage, no broker, or no such queue.");
        command.AddExitCode(ExitCodes.Interrupted, "Interrupted.");
        command.SetAction((parsed, cancellationToken) => RunAsync("sent back", async () =>
        {
            var listing = await ReplayOf(parsed).ListAsync(parsed.GetRequiredValue(Service), cancellationToken);
            await Console.Out.WriteLineAsync(parsed.GetValue(Json) ? DeadLetterJson.Of(listing) : DeadLetterText.Of(listing));
            return ExitCodes.Success;
        }));
        return command;
    }

    private static DeadLetterReplay ReplayOf(ParseResult parsed) => new(ConnectionsOf(parsed), TimeProvider.System);

    // A broken connection must end the command, not be mended behind its back with half of the messages unsettled.
    private static ConnectionFactory ConnectionsOf(ParseResult parsed) => new()
    {
        Uri = RunningSystem.FindBroker(parsed.GetValue(BrokerOption.Broker), Environment.CurrentDirectory, AppContext.BaseDirectory),
        AutomaticRecoveryEnabled = false,
        TopologyRecoveryEnabled = false,
    };

    private static async Task<int> RunAsync(string done, Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception exception) when (exception is CommandException or ReplayException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"Interrupted; nothing was {done}.");
            return ExitCodes.Interrupted;
        }
    }
}
