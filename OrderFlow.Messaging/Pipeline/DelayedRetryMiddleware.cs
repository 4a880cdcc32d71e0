using OrderFlow.Messaging.Consuming;
using OrderFlow.Messaging.ErrorHandling;

namespace OrderFlow.Messaging.Pipeline;

/// <summary>Puts an event that failed off until its next delayed retry, if there is one.</summary>
internal sealed class DelayedRetryMiddleware(DelayedRetries delayedRetries) : IMiddleware
{
    public async Task InvokeAsync(DeliveryContext context, Func<DeliveryContext, Task> next)
    {
        await next(context);
        if (context.Outcome is HandlingOutcome.Failed failed
            && await delayedRetries.TryAddAsync(context.Delivery, context.Received!, failed, context.Lifetime.Draining) is { } settled)
        {
            context.Measurement.RetryQueued(failed.Exception, settled);
            context.Settlement = settled;
            context.Outcome = null;
        }
    }
}
