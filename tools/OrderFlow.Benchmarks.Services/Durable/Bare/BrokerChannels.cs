using RabbitMQ.Client;

namespace OrderFlow.Benchmarks.Services.Durable.Bare;

/// <summary>Connections and channels to the broker, as each use needs them.</summary>
internal static class BrokerChannels
{
    /// <summary>A connection that does not come back: an implementation that only crashes starts anew instead.</summary>
    public static Task<IConnection> ConnectAsync(Uri broker) =>
        new ConnectionFactory { Uri = broker, AutomaticRecoveryEnabled = false }.CreateConnectionAsync();

    /// <summary>A channel that consumes, on a connection of its own.</summary>
    public static async Task<IChannel> ForConsumingAsync(Uri broker) => await (await ConnectAsync(broker)).CreateChannelAsync();

    /// <summary>A channel whose confirms the caller follows itself, on a connection of its own.</summary>
    public static async Task<IChannel> ForPublishingAsync(Uri broker) => await (await ConnectAsync(broker)).CreateChannelAsync(
        new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false));

    /// <summary>A quorum queue; one that is there stays as it is.</summary>
    public static async Task DeclareAsync(IChannel channel, string queue) => await channel.QueueDeclareAsync(
        queue, durable: true, exclusive: false, autoDelete: false,
        new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-queue-type"] = "quorum" });

    public static BasicProperties Persistent(Guid eventId) =>
        new() { DeliveryMode = DeliveryModes.Persistent, MessageId = eventId.ToString() };
}
