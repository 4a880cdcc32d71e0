using OrderFlow.Messaging.ErrorHandling;

namespace OrderFlow.Messaging.Pipeline;

/// <summary>Tries again at once, a few times, before an event counts as failed.</summary>
internal sealed class InlineRetryMiddleware(InProcessRetry retry) : IMiddleware
{
    public async Task InvokeAsync(DeliveryContext context, Func<DeliveryContext, Task> next) =>
        context.Outcome = await retry.RunAsync(
            context.Received!,
            async attempt =>
            {
                context.Attempt = attempt;
                await next(context);
                return context.Outcome!;
            },
            context.Measurement,
            context.Lifetime);
}
