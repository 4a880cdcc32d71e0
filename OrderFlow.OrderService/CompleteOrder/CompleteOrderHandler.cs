using OrderFlow.Contracts;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.OrderService.RefundOrder;
using OrderFlow.OrderService.Storage;

namespace OrderFlow.OrderService.CompleteOrder;

/// <summary>
/// The payment was processed: completes the order, or gives its stock back and rejects it. Money that comes for a rejected order goes
/// back.
/// </summary>
internal sealed class CompleteOrderHandler(StockLock stockLock, TimeProvider time, ILogger<CompleteOrderHandler> logger)
    : ITransactionalHandler<PaymentProcessed>
{
    public async Task HandleAsync(ITransactionalContext context, PaymentProcessed @event, CancellationToken cancellationToken)
    {
        var settlement = Settlement.Of(@event, context.Event.EventId, time.GetUtcNow());
        if (await OrderSettler.SettleAsync(context.Connection, stockLock, settlement, cancellationToken) is not { } order)
        {
            // The order has ended; the first answer counts, whatever it was, and so does a time-out.
            Log.OrderHasEnded(logger, @event.OrderId, @event.PaymentId);
            await RefundAsync(context, @event, settlement, cancellationToken);
            return;
        }

        context.CancelScheduled<OrderPaymentOverdue>(@event.OrderId);
        if (settlement.Rejection is { } reason)
        {
            context.Reject(
                new OrderRejected
                {
                    OrderId = @event.OrderId,
                    UserId = order.UserId,
                    Email = order.Email,
                    Reason = reason,
                    Detail = settlement.Detail
                }, logger);
        }
        else
        {
            context.Publish(
                new OrderProcessed
                {
                    OrderId = @event.OrderId,
                    UserId = order.UserId,
                    Email = order.Email,
                    Total = order.Total.ToMoney(order.Currency)
                });
            context.Count(OrderServiceInstruments.Completed);
            Log.OrderCompleted(logger, @event.OrderId);
        }
    }

    private async Task RefundAsync(
        ITransactionalContext context, PaymentProcessed @event, Settlement answer, CancellationToken cancellationToken)
    {
        if (await LatePayment.RecordAsync(context.Connection, answer, cancellationToken) is not { } order)
        {
            return;
        }

        context.Publish(
            new PaymentRefundRequested
            {
                PaymentId = @event.PaymentId,
                OrderId = @event.OrderId,
                UserId = order.UserId,
                Amount = order.Total.ToMoney(order.Currency)
            });
        context.Count(OrderServiceInstruments.RefundsRequested);
        Log.RefundRequested(logger, @event.OrderId, @event.PaymentId);
    }
}
