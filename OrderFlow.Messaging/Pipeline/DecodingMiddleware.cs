using OrderFlow.Messaging.Consuming;

namespace OrderFlow.Messaging.Pipeline;

/// <summary>Reads the event that a delivery carries, or finds why it cannot be read.</summary>
internal sealed class DecodingMiddleware(DeliveryDecoder decoder) : IMiddleware
{
    public Task InvokeAsync(DeliveryContext context, Func<DeliveryContext, Task> next)
    {
        if (decoder.TryDecode(context.Delivery, out var received, out var unreadable))
        {
            context.Received = received;
        }
        else
        {
            context.Unreadable = unreadable;
        }

        return next(context);
    }
}
