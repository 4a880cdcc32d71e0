using OrderFlow.Messaging.Consuming;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Publishing;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.ErrorHandling;

/// <summary>Writes a delivery again for another queue: as it came, with headers added.</summary>
internal static class CopyEncoder
{
    public static readonly CachedString DefaultExchange = new("");

    /// <summary>The message, or why it cannot be written.</summary>
    public static (PendingPublish? Message, string? Problem) Encode(Delivery delivery, string queue, Action<BasicProperties> change) =>
        Encode(delivery.Properties, delivery.Body.Span, DefaultExchange, new CachedString(queue), change);

    /// <summary>The message, or why it cannot be written.</summary>
    public static (PendingPublish? Message, string? Problem) Encode(
        IReadOnlyBasicProperties original, ReadOnlySpan<byte> body, CachedString exchange, CachedString routingKey,
        Action<BasicProperties> change)
    {
        var properties = MessageCopy.Of(original);
        change(properties);
        return MessageCopy.WhyUnwritable(properties) is { } problem
            ? (null, problem)
            : (PendingPublish.Copying(body, exchange, routingKey, requireSubscriber: true, properties), null);
    }
}
