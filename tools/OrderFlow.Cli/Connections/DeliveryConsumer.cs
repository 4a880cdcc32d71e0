using RabbitMQ.Client;

namespace OrderFlow.Cli.Connections;

/// <summary>Hands what the broker delivers to a function, complete and independent of the client's buffers.</summary>
internal sealed class DeliveryConsumer(IChannel channel, Action<DeliveredMessage> take) : AsyncDefaultBasicConsumer(channel)
{
    public override Task HandleBasicDeliverAsync(
        string consumerTag,
        ulong deliveryTag,
        bool redelivered,
        string exchange,
        string routingKey,
        IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default)
    {
        take(new DeliveredMessage(exchange, routingKey, deliveryTag, new BasicProperties(properties), body.ToArray()));
        return Task.CompletedTask;
    }
}
