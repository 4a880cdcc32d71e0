using System.Globalization;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Routing;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Consuming;

/// <summary>What the client calls, one delivery after the other: copies it, or what is packed in it, and passes it on.</summary>
internal sealed class DeliveryReceiver(
    MessagingWiring wiring, IChannel channel, string queue, AckCoalescer acks, WorkerPools workers, Action cancelledByBroker,
    TimeProvider time)
    : AsyncDefaultBasicConsumer(channel)
{
    /// <summary>
    /// Deliveries that came to nothing before packed messages are sent singly: one is what every restart of a consumer makes.
    /// </summary>
    private const int SplitAfter = 2;

    public override Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey,
        IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        acks.Add(deliveryTag);
        var received = ClockReading.Now(time);
        if (!IsSentSingly(properties) && DeliveredPack.TryUnpack(properties, body, out var messages))
        {
            var pack = new DeliveredPack(messages.Count);
            messages.ForEach(message =>
                Add(new Delivery(deliveryTag, queue, exchange, routingKey, message.Properties, message.Body, received, pack)));
        }
        else
        {
            Add(new Delivery(deliveryTag, queue, exchange, routingKey, properties, body, received));
        }

        return Task.CompletedTask;
    }

    public override Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        // The queue was deleted; a new connection declares it again.
        cancelledByBroker();
        return base.HandleBasicCancelAsync(consumerTag, cancellationToken);
    }

    /// <summary>Whether what is packed goes on as it is, to be sent singly. What the broker has given up goes nowhere again.</summary>
    private bool IsSentSingly(IReadOnlyBasicProperties properties) =>
        queue != wiring.Topology.UndeliveredQueue && (wiring.KeepsOrder || HasComeBack(properties));

    private static bool HasComeBack(IReadOnlyBasicProperties properties) =>
        properties.Headers?.TryGetValue(BrokerHeaders.DeliveryCount, out var count) == true
        && count is IConvertible number and not string
        && number.ToInt64(CultureInfo.InvariantCulture) >= SplitAfter;

    private void Add(Delivery delivery)
    {
        if (!workers.TryAdd(delivery))
        {
            // The consumer stops: the broker delivers it again when the channel closes.
            delivery.Release();
        }
    }
}
