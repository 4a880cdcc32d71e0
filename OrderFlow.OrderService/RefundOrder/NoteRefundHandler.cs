using OrderFlow.Contracts;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.OrderService.Storage;

namespace OrderFlow.OrderService.RefundOrder;

/// <summary>The customer has the money back: the order's history says so.</summary>
internal sealed class NoteRefundHandler(TimeProvider time) : ITransactionalHandler<PaymentRefunded>
{
    public async Task HandleAsync(ITransactionalContext context, PaymentRefunded @event, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(@event.OrderId, out var orderId))
        {
            throw new InvalidDataException(
                $"{EventTypes.PaymentRefunded} {context.Event.EventId} is about order '{@event.OrderId}', which is no UUID.");
        }

        await OrderHistory.AddOnceAsync(
            context.Connection, orderId, OrderStatus.Refunded, time.GetUtcNow(), context.Event.EventId, reason: null, cancellationToken);
    }
}
