using Npgsql;
using OrderFlow.OrderService.ClaimKey;
using OrderFlow.OrderService.Storage;

namespace OrderFlow.OrderService.PlaceOrder;

/// <summary>Writes a new order with everything that belongs to it in one round trip.</summary>
internal static class OrderWriter
{
    private const string InsertOrder = """
        INSERT INTO orders (id, user_id, email, currency, total, status, reason, payment_id, correlation_id, created_at, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
        """;

    private const string InsertLines = """
        INSERT INTO order_lines (order_id, line, item_id, quantity, unit_price)
        SELECT $1, line, item_id, quantity, unit_price
        FROM unnest($2, $3, $4) WITH ORDINALITY AS l (item_id, quantity, unit_price, line)
        """;

    private const string InsertHistory =
        "INSERT INTO order_history (order_id, step, status, at, event_id, reason) VALUES ($1, 1, $2, $3, $4, $5)";

    private const string Reserve = """
        UPDATE products SET stock = stock - wanted.quantity
        FROM (SELECT item_id, sum(quantity) AS quantity FROM unnest($1, $2) AS l (item_id, quantity) GROUP BY item_id) AS wanted
        WHERE products.id = wanted.item_id
        """;

    public static async Task WriteAsync(
        NpgsqlConnection connection, NewOrder order, Decision decision, Guid eventId, CancellationToken cancellationToken)
    {
        var (status, reason) = decision.Rejection is { } rejection
            ? (OrderStatus.Rejected, rejection.Reason)
            : (OrderStatus.AwaitingPayment, null);
        string[] items = [.. order.Lines.Select(line => line.ItemId)];
        int[] quantities = [.. order.Lines.Select(line => line.Quantity)];
        await using var batch = new NpgsqlBatch(connection)
            .With(
                InsertOrder,
                Sql.Value(order.Id), Sql.Value(order.UserId), Sql.Value(order.Email), Sql.Value(decision.Currency),
                Sql.Value(decision.Total),
                Sql.Value(status), Sql.Text(reason), Sql.Value(order.PaymentId), Sql.Value(order.CorrelationId), Sql.Value(order.At))
            .With(InsertLines, Sql.Value(order.Id), Sql.Value(items), Sql.Value(quantities), Sql.Value<decimal?[]>([.. decision.Prices]))
            .With(InsertHistory, Sql.Value(order.Id), Sql.Value(status), Sql.Value(order.At), Sql.Value(eventId), Sql.Text(reason));
        if (decision.Rejection is null)
        {
            batch.With(Reserve, Sql.Value(items), Sql.Value(quantities));
        }

        if (order.Fingerprint is { } fingerprint)
        {
            batch.With(KeyClaims.Keep, Sql.Value(order.Id), Sql.Value(fingerprint), Sql.Value(order.CorrelationId));
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
