using RabbitMQ.Client;

namespace OrderFlow.Cli.Faults.Messages;

/// <summary>A message as it was delivered: every property and header, and the body byte for byte.</summary>
internal sealed record TakenMessage(string Exchange, string RoutingKey, ulong Tag, BasicProperties Properties, ReadOnlyMemory<byte> Body)
{
    /// <summary>Publishes it once more and returns when the broker has confirmed it.</summary>
    public async Task SendToAsync(IChannel channel, Destination destination, CancellationToken cancellationToken)
    {
        var (exchange, key) = destination.IsQueue ? ("", destination.Name) : (destination.Name, RoutingKey);
        await channel.BasicPublishAsync(exchange, key, mandatory: true, Properties, Body, cancellationToken);
    }
}

/// <summary>Hands what the broker delivers to a function, complete and independent of the client's buffers.</summary>
internal sealed class TakingConsumer(IChannel channel, Action<TakenMessage> take) : AsyncDefaultBasicConsumer(channel)
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
        take(new TakenMessage(exchange, routingKey, deliveryTag, new BasicProperties(properties), body.ToArray()));
        return Task.CompletedTask;
    }
}
