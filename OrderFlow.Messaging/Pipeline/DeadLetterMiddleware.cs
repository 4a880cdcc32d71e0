using OrderFlow.Messaging.Consuming;
using OrderFlow.Messaging.ErrorHandling;

namespace OrderFlow.Messaging.Pipeline;

/// <summary>Makes a dead letter of an event that failed for good.</summary>
internal sealed class DeadLetterMiddleware(DeadLetters deadLetters) : IMiddleware
{
    public async Task InvokeAsync(DeliveryContext context, Func<DeliveryContext, Task> next)
    {
        await next(context);
        if (context.Outcome is HandlingOutcome.Failed failed)
        {
            context.Settlement = await deadLetters.AddFailedAsync(context.Delivery, context.Received!, failed, context.Lifetime.Draining);
            context.Measurement.Failed(failed, context.Settlement);
        }
    }
}
