using RabbitMQ.Client.Exceptions;

namespace OrderFlow.Cli.Notifications;

/// <summary>Tells the broker's troubles from the tool's own.</summary>
internal static class BrokerTrouble
{
    /// <summary>Whether connecting again may help.</summary>
    public static bool Is(Exception exception) =>
        exception is RabbitMQClientException or IOException or TimeoutException or OperationCanceledException or ObjectDisposedException;
}
