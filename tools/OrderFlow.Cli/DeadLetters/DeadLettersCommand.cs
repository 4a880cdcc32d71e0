using System.CommandLine;
using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Connections;
using OrderFlow.Messaging.Operations.DeadLetters;
using RabbitMQ.Client;

namespace OrderFlow.Cli.DeadLetters;

/// <summary>The command line.</summary>
internal static partial class DeadLettersCommand
{
    private static readonly Option<string> Service = new("--service") { Description = "The service whose dead letters they are, such as notification-service.", Required = true };
    private static readonly Option<bool> Json = new("--json") { Description = "One JSON document on standard output." };
    private static readonly Option<string?> Broker = new("--broker")
    {
        Description = $"AMQP URI of the broker. Default: {BrokerAddress.Variable}, else {ConnectionFile.RelativePath} of a running system.",
    };

    public static Command Create() => new("dead-letters", "Shows the events that a service could not handle, sends them back to it, or discards them.") { List(), Replay(), Discard() };

    private static Command List()
    {
        var command = new Command("list", "Groups the dead letters by handler, reason, exception and the way through the code. They stay where they are.") { Service, Json, Broker };
        command.SetAction((parsed, cancellationToken) => RunAsync("sent back", async () =>
        {
            var listing = await LibraryOf(parsed).ListAsync(parsed.GetRequiredValue(Service), cancellationToken);
            await Console.Out.WriteLineAsync(parsed.GetValue(Json) ? Documents.Of(listing) : ListingText.Of(listing));
            return DeadLettersExitCodes.Done;
        }));
        return command;
    }

    private static DeadLetterReplay LibraryOf(ParseResult parsed) => new(ConnectionsOf(parsed), TimeProvider.System);

    // A broken connection must end the command, not be mended behind its back with half of the messages unsettled.
    private static ConnectionFactory ConnectionsOf(ParseResult parsed) => new()
    {
        Uri = BrokerAddress.Find(parsed.GetValue(Broker), Environment.CurrentDirectory, AppContext.BaseDirectory),
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
            return DeadLettersExitCodes.Failed;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"Interrupted; nothing was {done}.");
            return DeadLettersExitCodes.Interrupted;
        }
    }
}
