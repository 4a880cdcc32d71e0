using MassTransit;
using OrderFlow.Benchmarks.Measuring.Latencies;
using OrderFlow.Benchmarks.Services.Durable;

namespace OrderFlow.Benchmarks.Services.Volatile.MassTransit;

/// <summary>OrderService: an order is processed as soon as it is there.</summary>
internal sealed class PlaceOrderConsumer : IConsumer<OrderCreated>
{
    public Task Consume(ConsumeContext<OrderCreated> context) => context.Publish(
        new OrderProcessed(
            Guid.CreateVersion7(), context.Message.OrderId, context.Message.UserId, 0, Completed: true, context.Message.Arrived));
}

/// <summary>NotificationService: the end of an order.</summary>
internal sealed class NotifyCustomerConsumer(LatencyRecorder latencies) : IConsumer<OrderProcessed>
{
    public Task Consume(ConsumeContext<OrderProcessed> context)
    {
        latencies.Add(context.Message.Arrived);
        return Task.CompletedTask;
    }
}
