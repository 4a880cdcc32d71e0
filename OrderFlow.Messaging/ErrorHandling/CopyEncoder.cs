using System.Buffers;
using OrderFlow.Messaging.Consuming;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Publishing;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.ErrorHandling;

/// <summary>Writes a delivery again for another queue: as it came, with headers added.</summary>
internal static class CopyEncoder
{
    private static readonly CachedString DefaultExchange = new("");

    /// <summary>The message, or why it cannot be written.</summary>
    public static (PendingPublish? Message, string? Problem) Encode(Delivery delivery, string queue, Action<BasicProperties> change)
    {
        var properties = MessageCopy.Of(delivery.Properties);
        change(properties);
        if (MessageCopy.WhyUnwritable(properties) is { } problem)
        {
            return (null, problem);
        }

        var body = ArrayPool<byte>.Shared.Rent(delivery.Body.Length);
        delivery.Body.CopyTo(body);
        return (new PendingPublish(
            DefaultExchange, new CachedString(queue), requireSubscriber: true, properties, body, delivery.Body.Length), null);
    }
}
