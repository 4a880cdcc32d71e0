using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.Transactions;

namespace OrderFlow.OrderService.Storage;

/// <summary>Ends orders that wait for their payments.</summary>
internal static class OrderSettler
{
    // Orders before products, and each in one order, wherever both are locked: a deadline and an answer about the same orders wait for each
    // other in a row.
    private const string Lock = "SELECT FROM orders WHERE id = ANY ($1) ORDER BY id FOR UPDATE";

    private const string End = """
        UPDATE orders SET status = settled.status, reason = settled.reason, changed_at = settled.at
        FROM unnest($1, $2, $3, $4, $5) AS settled (order_id, payment_id, status, reason, at)
        WHERE id = settled.order_id AND orders.payment_id = settled.payment_id AND orders.status = 'awaiting_payment'
        RETURNING id, orders.payment_id, user_id, email, currency, total
        """;

    private const string Reserved = """
        SELECT order_id, item_id, sum(quantity) FROM order_lines WHERE order_id = ANY ($1) GROUP BY order_id, item_id
        """;

    // Only the transaction that ended the order adds the step: the update above waits for any other, and then finds nothing to end.
    private const string InsertHistory = """
        INSERT INTO order_history (order_id, step, status, at, event_id, reason)
        SELECT order_id, (SELECT max(step) + 1 FROM order_history AS before WHERE before.order_id = h.order_id),
            status, at, event_id, reason
        FROM unnest($1, $2, $3, $4, $5) AS h (order_id, status, at, event_id, reason)
        """;

    /// <summary>Ends each order that waits for the payment of its settlement; of two about one order, the first.</summary>
    /// <returns>
    /// The orders that ended now, by their ids and those of their payments. None of the others waits for that payment: it has ended
    /// before, or is not there.
    /// </returns>
    public static async Task<Dictionary<(Guid OrderId, Guid PaymentId), SettledOrder>> SettleAsync(
        IBatchTransaction transaction, IEnumerable<Settlement> settlements, CancellationToken cancellationToken)
    {
        List<Settlement> all = [.. settlements.DistinctBy(one => one.Key)];
        var (ended, reserved) = await EndAsync(transaction, all, cancellationToken);
        List<Settlement> effective = all.FindAll(one => ended.ContainsKey(one.Key));
        if (effective.Count > 0)
        {
            transaction.Add(Sql.Command(
                InsertHistory,
                Sql.Value<Guid[]>([.. effective.Select(one => one.OrderId)]),
                Sql.Value<string[]>([.. effective.Select(one => one.Status)]),
                Sql.Value<DateTimeOffset[]>([.. effective.Select(one => one.At)]),
                Sql.Value<Guid[]>([.. effective.Select(one => one.EventId)]),
                Sql.Value<string?[]>([.. effective.Select(one => one.Rejection)])));
        }

        ProductStock.AddChange(
            transaction,
            reserved.Where(line => effective.Exists(one => one.OrderId == line.OrderId))
                .GroupBy(line => line.ItemId, line => line.Quantity, StringComparer.Ordinal)
                .ToDictionary(item => item.Key, item => item.Sum(), StringComparer.Ordinal));
        return ended;
    }

    public static InvalidOperationException Unknown(Settlement settlement) => new(
        $"There is no order {settlement.OrderId} that waits for payment {settlement.PaymentId}. " +
        "Was the database replaced while its events were under way?");

    private static async Task<(Dictionary<(Guid, Guid), SettledOrder> Ended, List<Reservation> Reserved)> EndAsync(
        IBatchTransaction transaction, List<Settlement> settlements, CancellationToken cancellationToken)
    {
        Guid[] orders = [.. settlements.Select(one => one.OrderId)];
        Guid[] rejected = [.. settlements.Where(one => one.Rejection is not null).Select(one => one.OrderId).Distinct()];
        await using var reader = await transaction.QueryAsync(
            [
                Sql.Command(Lock, Sql.Value(orders)),
                Sql.Command(
                    End,
                    Sql.Value(orders),
                    Sql.Value<Guid[]>([.. settlements.Select(one => one.PaymentId)]),
                    Sql.Value<string[]>([.. settlements.Select(one => one.Status)]),
                    Sql.Value<string?[]>([.. settlements.Select(one => one.Rejection)]),
                    Sql.Value<DateTimeOffset[]>([.. settlements.Select(one => one.At)])),
                .. rejected.Length > 0 ? [Sql.Command(Reserved, Sql.Value(rejected))] : Array.Empty<Npgsql.NpgsqlBatchCommand>(),
            ],
            cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var ended = new Dictionary<(Guid, Guid), SettledOrder>();
        while (await reader.ReadAsync(cancellationToken))
        {
            ended.Add(
                (reader.GetGuid(0), reader.GetGuid(1)),
                new SettledOrder(reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetDecimal(5)));
        }

        var reserved = new List<Reservation>();
        if (await reader.NextResultAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                reserved.Add(new Reservation(reader.GetGuid(0), reader.GetString(1), reader.GetInt64(2)));
            }
        }

        return (ended, reserved);
    }

    private readonly record struct Reservation(Guid OrderId, string ItemId, long Quantity);
}

/// <summary>What the event about an order's end says of its customer and its price.</summary>
internal sealed record SettledOrder(string UserId, string Email, string Currency, decimal Total);
