using OrderFlow.Messaging.ErrorHandling;

namespace OrderFlow.Messaging.Pipeline;

/// <summary>Lets events pass one by one and slowly while nearly every one fails; none begins when the consumer stops.</summary>
internal sealed class ThrottleMiddleware(ConsumerThrottle throttle) : IMiddleware
{
    public async Task InvokeAsync(DeliveryContext context, Func<DeliveryContext, Task> next)
    {
        using var passage = context.Received is null ? default : await throttle.EnterAsync(context.Lifetime.Draining);
        if (!context.Lifetime.Draining.IsCancellationRequested)
        {
            await next(context);
        }
    }
}
