using Microsoft.Extensions.Options;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.OrderService.ExpireOrder;
using OrderFlow.OrderService.Storage;
using OrderFlow.ServiceDefaults.Simulation;

namespace OrderFlow.OrderService.PlaceOrder;

/// <summary>
/// An order was created: stores it, reserves its stock and asks for the payment until a deadline, or rejects it with the reason.
/// </summary>
internal sealed class PlaceOrderHandler(
    SimulatedWork work, StockLock stockLock, IOptions<ExpireOrderOptions> options, TimeProvider time, ILogger<PlaceOrderHandler> logger)
    : IPreparingHandler<OrderCreated, NewOrder>
{
    public async Task<NewOrder> PrepareAsync(EventContext context, OrderCreated @event, CancellationToken cancellationToken)
    {
        var order = NewOrder.From(@event, context, time.GetUtcNow());
        await work.DoAsync(cancellationToken);
        return order;
    }

    public async Task HandleAsync(ITransactionalContext context, OrderCreated @event, NewOrder order, CancellationToken cancellationToken)
    {
        var stock = await Stock.LockAsync(context.Connection, stockLock, order, cancellationToken);
        if (stock.OrderExists)
        {
            // The same order again after the inbox has forgotten it: a customer who repeats a request a week later.
            Log.OrderExists(logger, @event.OrderId);
            return;
        }

        var decision = Decision.On(order, stock);
        await OrderWriter.WriteAsync(context.Connection, order, decision, context.Event.EventId, cancellationToken);
        if (decision.Rejection is { } rejection)
        {
            context.Reject(
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

        context.Publish(new PaymentRequested
        {
            PaymentId = order.PaymentId.ToString(),
            OrderId = @event.OrderId,
            UserId = @event.UserId,
            Amount = decision.Total.ToMoney(decision.Currency),
        });
        context.PublishAt(
            new OrderPaymentOverdue { OrderId = @event.OrderId, PaymentId = order.PaymentId.ToString() },
            time.GetUtcNow() + options.Value.PaymentTimeout, token: @event.OrderId);
        Log.PaymentRequested(logger, @event.OrderId, order.Lines.Count);
    }
}
