using System.Buffers;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Receiving;

/// <summary>A message as it came, its body copied because the client takes its own memory back.</summary>
internal sealed class Delivery
{
    private readonly byte[] pooledBody;
    private readonly int length;

    public Delivery(ulong tag, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, DateTimeOffset receivedAt)
    {
        (Tag, Exchange, RoutingKey, Properties, ReceivedAt, length) = (tag, exchange, routingKey, properties, receivedAt, body.Length);
        pooledBody = ArrayPool<byte>.Shared.Rent(length);
        body.CopyTo(pooledBody);
    }

    /// <summary>Number of the delivery on its channel.</summary>
    public ulong Tag { get; }

    public string Exchange { get; }

    public string RoutingKey { get; }

    public IReadOnlyBasicProperties Properties { get; }

    public ReadOnlyMemory<byte> Body => pooledBody.AsMemory(0, length);

    public DateTimeOffset ReceivedAt { get; }

    /// <summary>Gives the memory back; nobody may look at the body after.</summary>
    public void Release() => ArrayPool<byte>.Shared.Return(pooledBody);
}

/// <summary>What becomes of a delivery.</summary>
internal enum Settlement
{
    /// <summary>It is done with: the broker may forget it.</summary>
    Acknowledge,

    /// <summary>The broker itself moves it to the dead-letter queue.</summary>
    Reject,

    /// <summary>It stays with the broker, which delivers it again when the channel ends.</summary>
    Keep,
}
