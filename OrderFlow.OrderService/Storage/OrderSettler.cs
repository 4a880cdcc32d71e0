using Npgsql;

namespace OrderFlow.OrderService.Storage;

/// <summary>Ends an order that waits for its payment.</summary>
internal static class OrderSettler
{
    private const string End = """
        UPDATE orders SET status = $3, reason = $4, changed_at = $5
        WHERE id = $1 AND payment_id = $2 AND status = 'awaiting_payment'
        RETURNING user_id, email, currency, total
        """;

    // Only the transaction that ended the order adds the step: the update above waits for any other, and then finds nothing to end.
    private const string InsertHistory = """
        INSERT INTO order_history (order_id, step, status, at, event_id, reason)
        SELECT $1, max(step) + 1, $2, $3, $4, $5 FROM order_history WHERE order_id = $1
        """;

    private const string LockReserved = """
        SELECT FROM products WHERE id IN (SELECT item_id FROM order_lines WHERE order_id = $1) ORDER BY id FOR UPDATE
        """;

    private const string Release = """
        UPDATE products SET stock = stock + reserved.quantity
        FROM (SELECT item_id, sum(quantity) AS quantity FROM order_lines WHERE order_id = $1 GROUP BY item_id) AS reserved
        WHERE products.id = reserved.item_id
        """;

    /// <returns>The order; <see langword="null"/> when none waits for this payment: it has ended before, or is not there.</returns>
    public static async Task<SettledOrder?> SettleAsync(
        NpgsqlConnection connection, StockLock stockLock, Settlement settlement, CancellationToken cancellationToken)
    {
        if (await EndAsync(connection, stockLock, settlement, cancellationToken) is not { } order)
        {
            return null;
        }

        await using var batch = new NpgsqlBatch(connection).With(
            InsertHistory, Sql.Value(settlement.OrderId), Sql.Value(settlement.Status), Sql.Value(settlement.At),
            Sql.Value(settlement.EventId), Sql.Text(settlement.Rejection));
        if (settlement.Rejection is not null)
        {
            batch.With(LockReserved, Sql.Value(settlement.OrderId)).With(Release, Sql.Value(settlement.OrderId));
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
        return order;
    }

    private static async Task<SettledOrder?> EndAsync(
        NpgsqlConnection connection, StockLock stockLock, Settlement settlement, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        if (settlement.Rejection is not null)
        {
            // Before the order: a deadline and an answer about the same one would otherwise wait for each other.
            batch.With(stockLock.Take);
        }

        batch.With(
            End, Sql.Value(settlement.OrderId), Sql.Value(settlement.PaymentId), Sql.Value(settlement.Status),
            Sql.Text(settlement.Rejection), Sql.Value(settlement.At));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (settlement.Rejection is not null)
        {
            await reader.NextResultAsync(cancellationToken);
        }

        return await reader.ReadAsync(cancellationToken)
            ? new SettledOrder(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetDecimal(3))
            : null;
    }

    public static InvalidOperationException Unknown(Settlement settlement) => new(
        $"There is no order {settlement.OrderId} that waits for payment {settlement.PaymentId}. Was the database replaced while its events were under way?");
}

/// <summary>What the event about an order's end says of its customer and its price.</summary>
internal sealed record SettledOrder(string UserId, string Email, string Currency, decimal Total);
