using OrderFlow.Contracts;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.OrderService.Storage;

namespace OrderFlow.OrderService.ExpireOrder;

/// <summary>
/// The time to answer payments is over: gives the orders' stock back and rejects them, unless the answer was here before.
/// </summary>
internal sealed class ExpireOrderHandler(TimeProvider time, ILogger<ExpireOrderHandler> logger) : IBatchHandler<OrderPaymentOverdue>
{
    public async Task HandleAsync(
        IBatchTransaction transaction, IReadOnlyList<BatchedEvent<OrderPaymentOverdue>> events, CancellationToken cancellationToken)
    {
        List<(BatchedEvent<OrderPaymentOverdue> Event, Settlement Settlement)> overdue =
            [.. events.Select(one => (one, Settlement.Of(one.Body, one.Context.Event.EventId, time.GetUtcNow())))];
        var ended = await OrderSettler.SettleAsync(transaction, overdue.Select(one => one.Settlement), cancellationToken);
        foreach (var (one, settlement) in overdue)
        {
            if (ended.Remove(settlement.Key, out var order))
            {
                using var surroundings = one.Enter();
                one.Context.Reject(settlement.RejectionOf(one.Body.OrderId, order), logger);
            }
        }
    }
}
