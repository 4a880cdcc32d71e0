using OrderFlow.Benchmarks.Measuring.Latencies;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Handlers;

namespace OrderFlow.Benchmarks.Services.Volatile.Messaging;

/// <summary>OrderService: an order is processed as soon as it is there.</summary>
internal sealed class PlaceOrderHandler : IEventHandler<OrderCreated>
{
    public Task HandleAsync(IHandlingContext context, OrderCreated @event, CancellationToken cancellationToken) =>
        context.PublishAsync(new OrderProcessed { OrderId = @event.OrderId, UserId = @event.UserId }, cancellationToken);
}

/// <summary>NotificationService: the end of an order.</summary>
internal sealed class NotifyCustomerHandler(LatencyRecorder latencies) : IEventHandler<OrderProcessed>
{
    public Task HandleAsync(IHandlingContext context, OrderProcessed @event, CancellationToken cancellationToken)
    {
        latencies.AddSinceUnixMicros(context.Event.OriginTimestampMicros);
        return Task.CompletedTask;
    }
}
