using OrderFlow.Messaging.ErrorHandling;

namespace OrderFlow.Messaging.Pipeline;

/// <summary>Moves an event on whose handler asked for a longer wait than its stay in a retry queue.</summary>
internal sealed class LongWaitMiddleware(DelayedRetries delayedRetries) : IMiddleware
{
    public async Task InvokeAsync(DeliveryContext context, Func<DeliveryContext, Task> next)
    {
        if (context.Received is { } received && received.Rest > TimeSpan.Zero
            && await delayedRetries.TryWaitOnAsync(context.Delivery, received, context.Lifetime.Draining) is { } settled)
        {
            context.Settlement = settled;
            return;
        }

        await next(context);
    }
}
