using OrderFlow.Messaging.Consuming;

namespace OrderFlow.Messaging.Pipeline;

/// <summary>Opens the span and the timers of a delivery.</summary>
internal sealed class MeasurementMiddleware(DeliveryMeasurements measurements) : IMiddleware
{
    public async Task InvokeAsync(DeliveryContext context, Func<DeliveryContext, Task> next)
    {
        using var measurement = measurements.Begin(context.Delivery, context.Received?.Route ?? context.Unreadable.Route);
        context.Measurement = measurement;
        await next(context);
    }
}
