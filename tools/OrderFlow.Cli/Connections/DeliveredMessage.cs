using OrderFlow.Messaging.Envelope;
using RabbitMQ.Client;

namespace OrderFlow.Cli.Connections;

/// <summary>A message as it was delivered: every property and header, and the body byte for byte.</summary>
internal sealed record DeliveredMessage(
    string Exchange, string RoutingKey, ulong Tag, BasicProperties Properties, ReadOnlyMemory<byte> Body)
{
    /// <summary>The messages that it carries, or itself.</summary>
    public IEnumerable<DeliveredMessage> Unpack() => PackedMessages.IsPacked(Properties)
        ? PackedMessages.Unpack(Body).Select(message => this with { Properties = message.Properties, Body = message.Body })
        : [this];

    /// <summary>Publishes it once more and returns when the broker has confirmed it.</summary>
    public async Task SendToAsync(IChannel channel, Destination destination, CancellationToken cancellationToken)
    {
        var (exchange, key) = destination.IsQueue ? ("", destination.Name) : (destination.Name, RoutingKey);
        await channel.BasicPublishAsync(exchange, key, mandatory: true, Properties, Body, cancellationToken);
    }
}
