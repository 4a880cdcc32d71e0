using OrderFlow.Messaging.ErrorHandling;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.Pipeline;

/// <summary>Makes a dead letter of what the broker took out of the service's queue itself.</summary>
internal sealed class UndeliveredMiddleware(MessagingWiring wiring, DeadLetters deadLetters) : IMiddleware
{
    public async Task InvokeAsync(DeliveryContext context, Func<DeliveryContext, Task> next)
    {
        if (context.Delivery.Queue != wiring.Topology.UndeliveredQueue)
        {
            await next(context);
            return;
        }

        var death = BrokerDeath.Of(context.Delivery.Properties);
        context.Settlement = await deadLetters.AddUndeliveredAsync(context.Delivery, death, context.Received, context.Lifetime.Draining);
        context.Measurement.Unreadable(death.Reason, context.Settlement);
    }
}
