using Microsoft.Extensions.Logging;
using OrderFlow.Messaging.Consuming;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.ErrorHandling;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Messaging.Routing;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Pipeline;

/// <summary>
/// Sends what came in one message to the service again, each in its own: where order is kept, which spreads messages by their aggregate,
/// and when the message came back more than once, so that an event that ends its consumer takes no others with it.
/// </summary>
internal sealed class SplitMiddleware(MessagingWiring wiring, MessageForwarder forwarder, ILogger<SplitMiddleware> logger) : IMiddleware
{
    public async Task InvokeAsync(DeliveryContext context, Func<DeliveryContext, Task> next)
    {
        if (!DeliveredPack.TryUnpack(context.Delivery.Properties, context.Delivery.Body, out var messages))
        {
            await next(context);
            return;
        }

        var settled = await Task.WhenAll(
            messages.Select(message => forwarder.MoveAsync(
                wiring.Service, notice: null, () => Encode(message.Properties, message.Body.Span), context.Lifetime.Draining)));
        context.Settlement = settled.Contains(Settlement.Keep) ? Settlement.Keep
            : settled.Contains(Settlement.Reject) ? Settlement.Reject
            : Settlement.Acknowledge;
        Log.Split(logger, context.Delivery.Properties.Type, messages.Count, wiring.Service);
    }

    private (PendingPublish? Message, string? Problem) Encode(BasicProperties original, ReadOnlySpan<byte> body)
    {
        var (exchange, key) = wiring.Topology.Ordering is { } ordering
            ? (new CachedString(ordering.Exchange), original.Type ?? "")
            : (CopyEncoder.DefaultExchange, wiring.Topology.ServiceQueue);
        return CopyEncoder.Encode(
            original, body, exchange, new CachedString(key), properties => BrokerHeaders.Remove(properties.Headers!));
    }
}
