using OrderFlow.Messaging.LatencyLedger;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Consuming;

/// <summary>What the client calls, one delivery after the other: copies it and passes it on.</summary>
internal sealed class DeliveryReceiver(
    IChannel channel, string queue, AckCoalescer acks, WorkerPools workers, Action cancelledByBroker, TimeProvider time)
    : AsyncDefaultBasicConsumer(channel)
{
    public override Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey,
        IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        acks.Add(deliveryTag);
        var delivery = new Delivery(deliveryTag, queue, exchange, routingKey, properties, body, ClockReading.Now(time));
        if (!workers.TryAdd(delivery))
        {
            // The consumer stops: the broker delivers it again when the channel closes.
            delivery.Release();
        }

        return Task.CompletedTask;
    }

    public override Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        // The queue was deleted; a new connection declares it again.
        cancelledByBroker();
        return base.HandleBasicCancelAsync(consumerTag, cancellationToken);
    }
}
