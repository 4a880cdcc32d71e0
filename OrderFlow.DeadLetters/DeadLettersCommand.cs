using System.CommandLine;
using OrderFlow.Messaging.Replaying;
using RabbitMQ.Client;

namespace OrderFlow.DeadLetters;

/// <summary>The command line.</summary>
internal static partial class DeadLettersCommand
{
    private static readonly Option<string> Service = new("--service") { Description = "The service whose dead letters they are, such as notification-service.", Required = true };
    private static readonly Option<bool> Json = new("--json") { Description = "One JSON document on standard output." };
    private static readonly Option<string?> Broker = new("--broker")
    {
        Description = $"AMQP URI of the broker. Default: {BrokerAddress.Variable}, else {ConnectionFile.RelativePath} of a running system.",
    };

    public static RootCommand Create() => new("Shows the events that a service could not handle, sends them back to it, or discards them.") { List(), Replay(), Discard() };

    private static Command List()
    {
        var command = new Command("list", "Groups the dead letters by handler, reason, exception and the way through the code. They stay where they are.") { Service, Json, Broker };
        command.SetAction((parsed, cancellationToken) => RunAsync("sent back", async () =>
        {
            var listing = await LibraryOf(parsed).ListAsync(parsed.GetRequiredValue(Service), cancellationToken);
            await Console.Out.WriteLineAsync(parsed.GetValue(Json) ? Documents.Of(listing) : ListingText.Of(listing));
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command Replay()
    {
        var rate = new Option<double?>("--rate") { Description = "Most events per second. Default: as fast as the broker takes them." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only says how many would be sent back." };
        var command = new Command(
            "replay",
            "Sends dead letters back to their service, the oldest first. They keep their identity, so what was done before is not done twice. "
            + $"Exit code {ExitCodes.Done}: done; {ExitCodes.NothingSelected}: nothing was selected; {ExitCodes.Failed}: wrong usage or no broker; {ExitCodes.Interrupted}: interrupted.")
        {
            Service,
        };
        var selection = new SelectionOptions(command, "replay", "Most events to send back.");
        foreach (var option in new Option[] { rate, dryRun, Json, Broker })
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
        command.SetAction((parsed, cancellationToken) => RunAsync("sent back", async () =>
        {
            var request = new ReplayRequest(selection.SelectionOf(parsed)) { Rate = parsed.GetValue(rate), Limit = selection.LimitOf(parsed), DryRun = parsed.GetValue(dryRun) };
            var progress = new ProgressLines(Console.Error, TimeProvider.System);
            var result = await LibraryOf(parsed).ReplayAsync(parsed.GetRequiredValue(Service), request, progress, cancellationToken);
            await Console.Out.WriteLineAsync(parsed.GetValue(Json) ? Documents.Of(result) : ListingText.Of(result));
            return result switch
            {
                { Interrupted: true } => ExitCodes.Interrupted,
                { Replayed: 0 } => ExitCodes.NothingSelected,
                _ => ExitCodes.Done,
            };
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
        catch (Exception exception) when (exception is LoadTestException or ReplayException)
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
