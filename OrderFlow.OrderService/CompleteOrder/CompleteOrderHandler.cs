using OrderFlow.Contracts;
using OrderFlow.Messaging.Durability;
using OrderFlow.OrderService.Storage;

namespace OrderFlow.OrderService.CompleteOrder;

/// <summary>The payment was processed: completes the order, or gives its stock back and rejects it.</summary>
internal sealed class CompleteOrderHandler(StockLock stockLock, TimeProvider time, ILogger<CompleteOrderHandler> logger)
    : ITransactionalHandler<PaymentProcessed>
{
    public async Task HandleAsync(ITransactionalContext context, PaymentProcessed @event, CancellationToken cancellationToken)
    {
        var settlement = Settlement.Of(@event, context.Event.EventId, time.GetUtcNow());
        if (await OrderSettler.SettleAsync(context.Connection, stockLock, settlement, cancellationToken) is not { } order)
        {
            // A second answer about the same order; the first one counts, whatever it was.
            Log.OrderHasEnded(logger, @event.OrderId, @event.PaymentId);
            return;
        }

        if (settlement.Rejection is { } reason)
        {
            context.Publish(new OrderRejected { OrderId = @event.OrderId, UserId = order.UserId, Email = order.Email, Reason = reason, Detail = settlement.Detail });
            context.Count(OrderServiceInstruments.Rejected, 1, reason);
            Log.OrderRejected(logger, @event.OrderId, reason);
        }
        else
        {
            context.Publish(new OrderProcessed { OrderId = @event.OrderId, UserId = order.UserId, Email = order.Email, Total = order.Total.ToMoney(order.Currency) });
            context.Count(OrderServiceInstruments.Completed);
            Log.OrderCompleted(logger, @event.OrderId);
        }
    }
}
