using RabbitMQ.Client;

namespace OrderFlow.Cli.Notifications;

/// <summary>Connections to a broker that may go away: who uses one connects anew by itself, so the client is not to recover it.</summary>
internal static class BrokerConnections
{
    public static ConnectionFactory To(Uri broker, string name) => new()
    {
        Uri = broker,
        AutomaticRecoveryEnabled = false,
        ClientProvidedName = name,
        RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
        RequestedHeartbeat = TimeSpan.FromSeconds(10),
    };
}
