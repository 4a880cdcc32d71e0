using OrderFlow.Contracts;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.OrderService.RefundOrder;
using OrderFlow.OrderService.Storage;

namespace OrderFlow.OrderService.CompleteOrder;

/// <summary>
/// Payments were processed: completes the orders, or gives their stock back and rejects them. Money that comes for a rejected order goes
/// back.
/// </summary>
internal sealed class CompleteOrderHandler(TimeProvider time, ILogger<CompleteOrderHandler> logger) : IBatchHandler<PaymentProcessed>
{
    public async Task HandleAsync(
        IBatchTransaction transaction, IReadOnlyList<BatchedEvent<PaymentProcessed>> events, CancellationToken cancellationToken)
    {
        List<(BatchedEvent<PaymentProcessed> Event, Settlement Settlement)> answers =
            [.. events.Select(one => (one, Settlement.Of(one.Body, one.Context.Event.EventId, time.GetUtcNow())))];
        var ended = await OrderSettler.SettleAsync(transaction, answers.Select(answer => answer.Settlement), cancellationToken);
        foreach (var (answered, settlement) in answers)
        {
            // Removed, so that a second answer about the order in this transaction finds that it has ended.
            if (ended.Remove(settlement.Key, out var order))
            {
                using var surroundings = answered.Enter();
                End(answered, settlement, order);
            }
            else
            {
                await AnswerLateAsync(transaction, answered, settlement, cancellationToken);
            }
        }
    }

    private void End(BatchedEvent<PaymentProcessed> answered, Settlement settlement, SettledOrder order)
    {
        var (context, @event) = (answered.Context, answered.Body);
        context.CancelScheduled<OrderPaymentOverdue>(@event.OrderId);
        if (settlement.Rejection is not null)
        {
            context.Reject(settlement.RejectionOf(@event.OrderId, order), logger);
            return;
        }

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

    /// <summary>The order has ended; the first answer counts, whatever it was, and so does a time-out.</summary>
    private async Task AnswerLateAsync(
        IBatchTransaction transaction, BatchedEvent<PaymentProcessed> answered, Settlement answer, CancellationToken cancellationToken)
    {
        var @event = answered.Body;
        using (answered.Enter())
        {
            Log.OrderHasEnded(logger, @event.OrderId, @event.PaymentId);
        }

        if (await LatePayment.RecordAsync(transaction.Connection, answer, cancellationToken) is not { } order)
        {
            return;
        }

        answered.Context.Publish(
            new PaymentRefundRequested
            {
                PaymentId = @event.PaymentId,
                OrderId = @event.OrderId,
                UserId = order.UserId,
                Amount = order.Total.ToMoney(order.Currency)
            });
        answered.Context.Count(OrderServiceInstruments.RefundsRequested);
        using (answered.Enter())
        {
            Log.RefundRequested(logger, @event.OrderId, @event.PaymentId);
        }
    }
}
