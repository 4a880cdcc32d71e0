using Microsoft.Extensions.Logging;
using OrderFlow.Messaging.Consuming;
using OrderFlow.Messaging.Diagnostics;

namespace OrderFlow.Messaging.Pipeline;

/// <summary>Acknowledges what is handled.</summary>
internal sealed class AcknowledgementMiddleware(ILogger<AcknowledgementMiddleware> logger) : IMiddleware
{
    public async Task InvokeAsync(DeliveryContext context, Func<DeliveryContext, Task> next)
    {
        await next(context);
        switch (context.Outcome)
        {
            case HandlingOutcome.Succeeded succeeded:
                context.Measurement.Succeeded();
                Log.Handled(logger, context.Received!.Route.WireType, context.Received.Route.HandlerName, succeeded.Attempt);
                context.Settlement = Settlement.Acknowledge;
                break;
            case HandlingOutcome.Duplicate:
                context.Measurement.Duplicate();
                context.Settlement = Settlement.Acknowledge;
                break;
        }
    }
}
