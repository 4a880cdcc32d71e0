using OrderFlow.Cli.CommandLine;
using OrderFlow.Cli.Connections;

namespace OrderFlow.Cli.DeadLetters;

/// <summary>Where the broker is: what the option says, else the environment, else the file of a running AppHost.</summary>
internal static class BrokerAddress
{
    public const string Variable = "ORDERFLOW_BROKER";

    /// <exception cref="CommandException">Nothing is running, or what was found is no address.</exception>
    public static Uri Find(string? option, params ReadOnlySpan<string> directories)
    {
        var text = option ?? (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } value ? value : FromFile(directories));
        // The text may hold a password, so it is not repeated.
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "amqp" or "amqps"
            ? uri
            : throw new CommandException("The broker's address is no AMQP URI; it looks like amqp://user:password@localhost:5672.");
    }

    private static string FromFile(ReadOnlySpan<string> directories)
    {
        var path = ConnectionFile.Find(directories)
            ?? throw new CommandException(
                $"Nothing is running: there is no {ConnectionFile.RelativePath} in {string.Join(" or ", directories!)} or above. Start the system with ./run.sh, or name a running broker with --broker.");
        return ConnectionFile.Read(path).Messaging?.OriginalString
            ?? throw new CommandException($"{path} does not say where \"messaging\" is. Start the system anew with ./run.sh, which writes it.");
    }
}
