using OrderFlow.Messaging.Consuming;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LifecycleEvents;

namespace OrderFlow.Messaging.Pipeline;

/// <summary>Says that an event is handled which an operator sent back from the dead letters, before it is acknowledged.</summary>
internal sealed class ReplayOutcomeMiddleware(LifecycleEventPublisher lifecycleEvents) : IMiddleware
{
    public async Task InvokeAsync(DeliveryContext context, Func<DeliveryContext, Task> next)
    {
        await next(context);
        if (context.Received!.Context.Replayed && context.Outcome is HandlingOutcome.Succeeded or HandlingOutcome.Duplicate)
        {
            await lifecycleEvents.PublishAsync(LifecycleEventNames.Handled, context.Delivery.Properties, context.Lifetime.Draining);
        }
    }
}
