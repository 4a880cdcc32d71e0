using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.OrderService.ClaimKey;
using OrderFlow.OrderService.Storage;

namespace OrderFlow.OrderService.PlaceOrder;

/// <summary>Writes new orders with everything that belongs to them, all of a transaction as one set.</summary>
internal sealed class OrderWriter
{
    private const string InsertOrders = """
        INSERT INTO orders (id, user_id, email, currency, total, status, reason, payment_id, correlation_id, created_at, changed_at)
        SELECT id, user_id, email, currency, total, status, reason, payment_id, correlation_id, at, at
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
          AS o (id, user_id, email, currency, total, status, reason, payment_id, correlation_id, at)
        """;

    private const string InsertLines = """
        INSERT INTO order_lines (order_id, line, item_id, quantity, unit_price)
        SELECT order_id, line, item_id, quantity, unit_price
        FROM unnest($1, $2, $3, $4, $5) AS l (order_id, line, item_id, quantity, unit_price)
        """;

    private const string InsertHistory = """
        INSERT INTO order_history (order_id, step, status, at, event_id, reason)
        SELECT order_id, 1, status, at, event_id, reason FROM unnest($1, $2, $3, $4, $5) AS h (order_id, status, at, event_id, reason)
        """;

    private readonly List<(NewOrder Order, Decision Decision, Guid EventId)> _orders = [];

    public void Add(NewOrder order, Decision decision, Guid eventId) => _orders.Add((order, decision, eventId));

    public void AddTo(IBatchTransaction transaction)
    {
        if (_orders.Count == 0)
        {
            return;
        }

        Guid[] ids = [.. _orders.Select(one => one.Order.Id)];
        string[] statuses =
            [.. _orders.Select(one => one.Decision.Rejection is null ? OrderStatus.AwaitingPayment : OrderStatus.Rejected)];
        string?[] reasons = [.. _orders.Select(one => one.Decision.Rejection?.Reason)];
        DateTimeOffset[] at = [.. _orders.Select(one => one.Order.At)];
        transaction.Add(Sql.Command(
            InsertOrders,
            Sql.Value(ids),
            Sql.Value<string[]>([.. _orders.Select(one => one.Order.UserId)]),
            Sql.Value<string[]>([.. _orders.Select(one => one.Order.Email)]),
            Sql.Value<string[]>([.. _orders.Select(one => one.Decision.Currency)]),
            Sql.Value<decimal[]>([.. _orders.Select(one => one.Decision.Total)]),
            Sql.Value(statuses),
            Sql.Value(reasons),
            Sql.Value<Guid[]>([.. _orders.Select(one => one.Order.PaymentId)]),
            Sql.Value<string[]>([.. _orders.Select(one => one.Order.CorrelationId)]),
            Sql.Value(at)));
        AddLines(transaction);
        transaction.Add(Sql.Command(
            InsertHistory,
            Sql.Value(ids), Sql.Value(statuses), Sql.Value(at), Sql.Value<Guid[]>([.. _orders.Select(one => one.EventId)]),
            Sql.Value(reasons)));
        AddReservations(transaction);
        foreach (var order in _orders.Select(one => one.Order))
        {
            if (order.Fingerprint is { } fingerprint)
            {
                transaction.Add(Sql.Command(
                    KeyClaims.Keep, Sql.Value(order.Id), Sql.Value(fingerprint), Sql.Value(order.CorrelationId)));
            }
        }
    }

    private void AddLines(IBatchTransaction transaction)
    {
        List<(Guid OrderId, int Line, NewOrderLine Content, decimal? Price)> lines =
        [
            .. from one in _orders
               from line in one.Order.Lines.Index()
               select (one.Order.Id, line.Index + 1, line.Item, one.Decision.Prices[line.Index]),
        ];
        transaction.Add(Sql.Command(
            InsertLines,
            Sql.Value<Guid[]>([.. lines.Select(line => line.OrderId)]),
            Sql.Value<int[]>([.. lines.Select(line => line.Line)]),
            Sql.Value<string[]>([.. lines.Select(line => line.Content.ItemId)]),
            Sql.Value<int[]>([.. lines.Select(line => line.Content.Quantity)]),
            Sql.Value<decimal?[]>([.. lines.Select(line => line.Price)])));
    }

    private void AddReservations(IBatchTransaction transaction)
    {
        var reserved = _orders.Where(one => one.Decision.Rejection is null).SelectMany(one => one.Order.Lines)
            .GroupBy(line => line.ItemId, line => (long)line.Quantity, StringComparer.Ordinal)
            .ToDictionary(item => item.Key, item => -item.Sum(), StringComparer.Ordinal);
        ProductStock.AddChange(transaction, reserved);
    }
}
