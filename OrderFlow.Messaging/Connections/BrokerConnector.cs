using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Configuration;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Connections;

/// <summary>
/// Opens connections as the bus needs them: without the client's own recovery, because the first connect and every
/// later one go through the recovery loop of <see cref="BrokerConnection"/>.
/// </summary>
public sealed class BrokerConnector(IConnectionFactory registered, IOptions<MessagingOptions> options, TimeProvider time) : IDisposable
{
    private readonly IConnectionFactory _factory = registered is ConnectionFactory plain ? Copy(
        plain, options.Value.Heartbeat) : registered;

    /// <summary>The broker's address without user and password.</summary>
    public string Address => Endpoint is { } endpoint ? $"{endpoint.HostName}:{endpoint.Port}" : "the configured broker";

    /// <summary>The same; <see langword="null"/> when the registered factory keeps it to itself.</summary>
    public AmqpTcpEndpoint? Endpoint => (_factory as ConnectionFactory)?.Endpoint;

    /// <summary>The broker's management API; <see langword="null"/> when it is not configured.</summary>
    public BrokerManagement? Management { get; } = BrokerManagement.For(options.Value.ManagementUrl, registered, time);

    public void Dispose() => Management?.Dispose();

    public Task<IConnection> ConnectAsync(string name, CancellationToken cancellationToken)
    {
        ClientTracing.KeepTraceParent();
        return _factory.CreateConnectionAsync(name, cancellationToken);
    }

    // The registered factory may be used by others, so it is copied, not changed.
    private static ConnectionFactory Copy(ConnectionFactory source, TimeSpan heartbeat) => new()
    {
        AutomaticRecoveryEnabled = false,
        TopologyRecoveryEnabled = false,
        ConsumerDispatchConcurrency = 1,
        RequestedHeartbeat = heartbeat,
        Endpoint = source.Endpoint,
        UserName = source.UserName,
        Password = source.Password,
        VirtualHost = source.VirtualHost,
        CredentialsProvider = source.CredentialsProvider,
        AuthMechanisms = source.AuthMechanisms,
        ClientProperties = source.ClientProperties,
        EndpointResolverFactory = source.EndpointResolverFactory,
        ContinuationTimeout = source.ContinuationTimeout,
        HandshakeContinuationTimeout = source.HandshakeContinuationTimeout,
        RequestedConnectionTimeout = source.RequestedConnectionTimeout,
        RequestedChannelMax = source.RequestedChannelMax,
        RequestedFrameMax = source.RequestedFrameMax,
        MaxInboundMessageBodySize = source.MaxInboundMessageBodySize,
        SocketReadTimeout = source.SocketReadTimeout,
        SocketWriteTimeout = source.SocketWriteTimeout,
    };
}
