using OrderFlow.Contracts;
using OrderFlow.Messaging.Handling;
using OrderFlow.OrderService.SimulateWork;

namespace OrderFlow.OrderService.CompleteOrder;

/// <summary>An order was created: completes it and says so. The handler holds no state, so that any replica can take any order.</summary>
internal sealed class CompleteOrderHandler(
    SimulatedWork work,
    OrderServiceInstruments instruments,
    ILogger<CompleteOrderHandler> logger) : IEventHandler<OrderCreated>
{
    public async Task HandleAsync(IHandlingContext context, OrderCreated @event, CancellationToken cancellationToken)
    {
        await work.DoAsync(cancellationToken);

        await context.PublishAsync(Completed(@event), cancellationToken);

        instruments.OrderCompleted();
        Log.OrderCompleted(logger, @event.OrderId, @event.Lines.Count);
    }

    private static OrderProcessed Completed(OrderCreated order) => new()
    {
        OrderId = order.OrderId,
        UserId = order.UserId,
        Email = order.Email,
        Total = order.Total,
    };
}
