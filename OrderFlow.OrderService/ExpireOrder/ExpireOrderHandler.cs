using OrderFlow.Contracts;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.OrderService.Storage;

namespace OrderFlow.OrderService.ExpireOrder;

/// <summary>
/// The time to answer the payment is over: gives the order's stock back and rejects it, unless the answer was here before.
/// </summary>
internal sealed class ExpireOrderHandler(StockLock stockLock, TimeProvider time, ILogger<ExpireOrderHandler> logger)
    : ITransactionalHandler<OrderPaymentOverdue>
{
    public async Task HandleAsync(ITransactionalContext context, OrderPaymentOverdue @event, CancellationToken cancellationToken)
    {
        var settlement = Settlement.Of(@event, context.Event.EventId, time.GetUtcNow());
        if (await OrderSettler.SettleAsync(context.Connection, stockLock, settlement, cancellationToken) is { } order)
        {
            context.Reject(
                new OrderRejected
                {
                    OrderId = @event.OrderId,
                    UserId = order.UserId,
                    Email = order.Email,
                    Reason = RejectionReasons.PaymentTimeout,
                    Detail = settlement.Detail
                }, logger);
        }
    }
}
