using System.CommandLine;
using OrderFlow.Messaging.Replaying;
using RabbitMQ.Client;

namespace OrderFlow.DeadLetters;

/// <summary>The command line.</summary>
internal static class DeadLettersCommand
{
    private static readonly Option<string> Service = new("--service") { Description = "The service whose dead letters they are, such as notification-service.", Required = true };
    private static readonly Option<bool> Json = new("--json") { Description = "One JSON document on standard output." };
    private static readonly Option<string?> Broker = new("--broker")
    {
        Description = $"AMQP URI of the broker. Default: {BrokerAddress.Variable}, else {ConnectionFile.RelativePath} of a running system.",
    };

    public static RootCommand Create() => new("Shows the events that a service could not handle, and sends them back to it.") { List(), Replay() };

    private static Command List()
    {
        var command = new Command("list", "Groups the dead letters by handler, reason, exception and the way through the code. They stay where they are.") { Service, Json, Broker };
        command.SetAction((parsed, cancellationToken) => RunAsync(async () =>
        {
            var listing = await LibraryOf(parsed).ListAsync(parsed.GetRequiredValue(Service), cancellationToken);
            await Console.Out.WriteLineAsync(parsed.GetValue(Json) ? Documents.Of(listing) : ListingText.Of(listing));
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command Replay()
    {
        var message = new Option<Guid?>("--message") { Description = "Only the event with this id." };
        var group = new Option<string?>("--group") { Description = "Only the group with this id, as list shows it." };
        var all = new Option<bool>("--all") { Description = "Every dead letter of the service." };
        var rate = new Option<double?>("--rate") { Description = "Most events per second. Default: as fast as the broker takes them." };
        var limit = new Option<int>("--limit") { Description = "Most events to send back.", DefaultValueFactory = _ => int.MaxValue, HelpName = "n" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only says how many would be sent back." };
        var command = new Command(
            "replay",
            "Sends dead letters back to their service, the oldest first. They keep their identity, so what was done before is not done twice. "
            + $"Exit code {ExitCodes.Done}: done; {ExitCodes.NothingSelected}: nothing was selected; {ExitCodes.Failed}: wrong usage or no broker; {ExitCodes.Interrupted}: interrupted.")
        {
            Service, message, group, all, rate, limit, dryRun, Json, Broker,
        };
        command.Validators.Add(result =>
        {
            if ((result.GetValue(message) is null ? 0 : 1) + (result.GetValue(group) is null ? 0 : 1) + (result.GetValue(all) ? 1 : 0) != 1)
            {
                result.AddError("Say what to replay: one of --message <id>, --group <id> or --all.");
            }
        });
        rate.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double?>() is { } given && !(given is > 0 and <= 1_000_000))
            {
                result.AddError($"--rate must be above 0 and at most 1000000; it is {given}.");
            }
        });
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 and var given)
            {
                result.AddError($"--limit must be at least 1; it is {given}.");
            }
        });
        command.SetAction((parsed, cancellationToken) => RunAsync(async () =>
        {
            ReplaySelection selection = parsed.GetValue(message) is { } id ? new ReplaySelection.Message(id)
                : parsed.GetValue(group) is { } name ? new ReplaySelection.Group(name)
                : new ReplaySelection.All();
            var request = new ReplayRequest(selection) { Rate = parsed.GetValue(rate), Limit = parsed.GetValue(limit), DryRun = parsed.GetValue(dryRun) };
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

    private static DeadLetterReplay LibraryOf(ParseResult parsed)
    {
        var address = BrokerAddress.Find(parsed.GetValue(Broker), Environment.CurrentDirectory, AppContext.BaseDirectory);
        // A broken connection must end the command, not be mended behind its back with half of the messages unsettled.
        return new DeadLetterReplay(new ConnectionFactory { Uri = address, AutomaticRecoveryEnabled = false, TopologyRecoveryEnabled = false }, TimeProvider.System);
    }

    private static async Task<int> RunAsync(Func<Task<int>> work)
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
            await Console.Error.WriteLineAsync("Interrupted; nothing was sent back.");
            return ExitCodes.Interrupted;
        }
    }
}
