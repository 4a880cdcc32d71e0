using Microsoft.Extensions.Options;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.OrderService.ExpireOrder;
using OrderFlow.ServiceDefaults.Simulation;

namespace OrderFlow.OrderService.PlaceOrder;

/// <summary>
/// Orders were created: stores them, reserves their stock and asks for the payments until a deadline, or rejects them with the reason.
/// </summary>
internal sealed class PlaceOrderHandler(
    SimulatedWork work, IOptions<ExpireOrderOptions> options, TimeProvider time, ILogger<PlaceOrderHandler> logger)
    : IPreparingBatchHandler<OrderCreated, NewOrder>
{
    public async Task<NewOrder> PrepareAsync(EventContext context, OrderCreated @event, CancellationToken cancellationToken)
    {
        var order = NewOrder.From(@event, context, time.GetUtcNow());
        await work.DoAsync(cancellationToken);
        return order;
    }

    public async Task HandleAsync(
        IBatchTransaction transaction, IReadOnlyList<BatchedEvent<OrderCreated, NewOrder>> events, CancellationToken cancellationToken)
    {
        var stock = await Stock.ReadAsync(transaction, events.Select(one => one.Prepared), cancellationToken);
        var writer = new OrderWriter();
        foreach (var one in events)
        {
            using var surroundings = one.Enter();
            Place(one, stock, writer);
        }

        writer.AddTo(transaction);
    }

    private void Place(BatchedEvent<OrderCreated, NewOrder> created, Stock stock, OrderWriter writer)
    {
        var (@event, order) = (created.Body, created.Prepared);
        if (!stock.TryPlace(order))
        {
            // The same order again after the inbox has forgotten it: a customer who repeats a request a week later.
            Log.OrderExists(logger, @event.OrderId);
            return;
        }

        var decision = Decision.On(order, stock);
        writer.Add(order, decision, created.Context.Event.EventId);
        if (decision.Rejection is { } rejection)
        {
            created.Context.Reject(
                new OrderRejected
                {
                    OrderId = @event.OrderId,
                    UserId = @event.UserId,
                    Email = @event.Email,
                    Reason = rejection.Reason,
                    Detail = rejection.Detail
                }, logger);
            return;
        }

        stock.Take(order);
        created.Context.Publish(new PaymentRequested
        {
            PaymentId = order.PaymentId.ToString(),
            OrderId = @event.OrderId,
            UserId = @event.UserId,
            Amount = decision.Total.ToMoney(decision.Currency),
        });
        created.Context.PublishAt(
            new OrderPaymentOverdue { OrderId = @event.OrderId, PaymentId = order.PaymentId.ToString() },
            time.GetUtcNow() + options.Value.PaymentTimeout, token: @event.OrderId);
        Log.PaymentRequested(logger, @event.OrderId, order.Lines.Count);
    }
}
