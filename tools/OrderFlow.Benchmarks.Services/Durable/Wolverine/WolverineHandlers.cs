using Npgsql;
using OrderFlow.Benchmarks.Measuring.Latencies;
using Wolverine.Runtime;

namespace OrderFlow.Benchmarks.Services.Durable.Wolverine;

// Public, with names and methods as WolverineFx finds them, because the code that it generates calls them.

/// <summary>OrderService: stores and completes orders.</summary>
public static class WolverineOrderHandler
{
    private const decimal UnitPrice = 9.99m;

    public static Task HandleAsync(OrderCreated created, MessageContext context, NpgsqlDataSource source)
    {
        var (payment, total) = (Guid.CreateVersion7(), UnitPrice * created.Quantity);
        return TransactionalOutbox.CommitAsync(
            context, source,
            new PaymentRequested(Guid.CreateVersion7(), payment, created.OrderId, created.UserId, total, created.Arrived),
            ("INSERT INTO orders (id, user_id, total, status, payment_id) VALUES ($1, $2, $3, 'awaiting_payment', $4)",
                [created.OrderId, created.UserId, total, payment]),
            ("INSERT INTO order_lines (order_id, line, item_id, quantity, unit_price) VALUES ($1, 1, $2, $3, 9.99)",
                [created.OrderId, created.ItemId, created.Quantity]),
            ("UPDATE products SET stock = stock - $2 WHERE id = $1", [created.ItemId, (long)created.Quantity]));
    }

    public static Task HandleAsync(PaymentProcessed processed, MessageContext context, NpgsqlDataSource source) =>
        TransactionalOutbox.CommitAsync(
            context, source,
            new OrderProcessed(
                Guid.CreateVersion7(), processed.OrderId, processed.UserId, processed.Amount, Completed: true, processed.Arrived),
            ("UPDATE orders SET status = 'completed', changed_at = now() WHERE id = $1 AND status = 'awaiting_payment'",
                [processed.OrderId]));
}

/// <summary>PaymentService: stores payments.</summary>
public static class WolverinePaymentHandler
{
    public static Task HandleAsync(PaymentRequested requested, MessageContext context, NpgsqlDataSource source) =>
        TransactionalOutbox.CommitAsync(
            context, source,
            new PaymentProcessed(
                Guid.CreateVersion7(), requested.PaymentId, requested.OrderId, requested.UserId, requested.Amount, Approved: true,
                requested.Arrived),
            ("INSERT INTO payments (id, order_id, user_id, amount, approved) VALUES ($1, $2, $3, $4, true)",
                [requested.PaymentId, requested.OrderId, requested.UserId, requested.Amount]));
}

/// <summary>NotificationService: records notifications.</summary>
public static class WolverineNotificationHandler
{
    public static async Task HandleAsync(
        OrderProcessed processed, MessageContext context, NpgsqlDataSource source, LatencyRecorder latencies)
    {
        await TransactionalOutbox.CommitAsync(
            context, source, caused: null,
            ("INSERT INTO notifications (event_id, order_id, user_id, subject) VALUES ($1, $2, $3, 'completed')",
                [processed.EventId, processed.OrderId, processed.UserId]));
        latencies.Add(processed.Arrived);
    }
}
