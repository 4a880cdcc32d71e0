using OrderFlow.Cli.CommandLine;

namespace OrderFlow.Cli.Connections;

/// <summary>
/// The addresses of a running system: what the options say, else the environment, else the file that a running AppHost writes.
/// </summary>
internal sealed record RunningSystem(Uri Gateway, Uri Broker)
{
    public const string GatewayVariable = "ORDERFLOW_GATEWAY";
    public const string BrokerVariable = "ORDERFLOW_BROKER";

    private const string StartIt = "Start the system with ./run.sh, or name a running one with --gateway and --broker.";

    /// <summary>The broker without its credentials, for messages.</summary>
    public string BrokerName => $"{Broker.Host}:{Broker.Port}";

    /// <summary>Finds Gateway and broker.</summary>
    /// <exception cref="CommandException">Nothing is running, or what was found is no address.</exception>
    public static RunningSystem Find(string? gateway, string? broker, params ReadOnlySpan<string> directories)
    {
        gateway ??= FromEnvironment(GatewayVariable);
        broker ??= FromEnvironment(BrokerVariable);
        if (gateway is not null && broker is not null)
        {
            return new(Http(gateway), Amqp(broker));
        }

        var (path, file) = ReadFile(directories, StartIt);
        return new(
            Http(gateway ?? file.Gateway?.OriginalString ?? throw Missing(path, "gateway")),
            Amqp(broker ?? file.Messaging?.OriginalString ?? throw Missing(path, "messaging")));
    }

    /// <summary>Finds the broker alone.</summary>
    /// <exception cref="CommandException">Nothing is running, or what was found is no address.</exception>
    public static Uri FindBroker(string? broker, params ReadOnlySpan<string> directories)
    {
        if ((broker ?? FromEnvironment(BrokerVariable)) is { } named)
        {
            return Amqp(named);
        }

        var (path, file) = ReadFile(directories, "Start the system with ./run.sh, or name a running broker with --broker.");
        return Amqp(file.Messaging?.OriginalString ?? throw Missing(path, "messaging"));
    }

    /// <summary>Asks the Gateway whether it is there.</summary>
    /// <exception cref="CommandException">It does not answer.</exception>
    public async Task CheckGatewayAsync(HttpMessageInvoker http, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Gateway, "/alive"));
            using var response = await http.SendAsync(request, timeout.Token);
        }
        catch (Exception exception)
            when (exception is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new CommandException(
                $"The Gateway at {Gateway} does not answer: {CommandException.Cause(exception)}. {StartIt}", exception);
        }
    }

    private static (string Path, ConnectionFile File) ReadFile(ReadOnlySpan<string> directories, string advice)
    {
        var path = ConnectionFile.Find(directories) ?? throw new CommandException(
            $"Nothing is running: there is no {ConnectionFile.RelativePath} in {string.Join(" or ", directories!)} or above. {advice}");
        return (path, ConnectionFile.Read(path));
    }

    private static string? FromEnvironment(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static Uri Http(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
        ? uri
        : throw new CommandException($"'{text}' is no address of a Gateway; it looks like http://localhost:8080.");

    // The text may hold a password, so it is not repeated.
    private static Uri Amqp(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "amqp" or "amqps"
        ? uri
        : throw new CommandException("The broker's address is no AMQP URI; it looks like amqp://user:password@localhost:5672.");

    private static CommandException Missing(string path, string name) =>
        new($"{path} does not say where \"{name}\" is. Start the system anew with ./run.sh, which writes it.");
}
