using OrderFlow.Messaging.ErrorHandling;

namespace OrderFlow.Messaging.Pipeline;

/// <summary>Makes a dead letter of what cannot be read.</summary>
internal sealed class UnreadableMiddleware(DeadLetters deadLetters) : IMiddleware
{
    public async Task InvokeAsync(DeliveryContext context, Func<DeliveryContext, Task> next)
    {
        if (context.Received is not null)
        {
            await next(context);
            return;
        }

        context.Settlement = await deadLetters.AddUnreadableAsync(context.Delivery, context.Unreadable, context.Lifetime.Draining);
        context.Measurement.Unreadable(context.Unreadable.Reason, context.Settlement);
    }
}
