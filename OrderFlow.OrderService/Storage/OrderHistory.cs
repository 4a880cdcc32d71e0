using Npgsql;
using OrderFlow.Messaging.Postgres.Database;

namespace OrderFlow.OrderService.Storage;

/// <summary>What happens to the payment of an order after its end.</summary>
internal static class OrderHistory
{
    // Others that add a step wait here, and the statement after it sees theirs.
    private const string Lock = "SELECT FROM orders WHERE id = $1 FOR UPDATE";

    private const string AddOnce = """
        INSERT INTO order_history (order_id, step, status, at, event_id, reason)
        SELECT $1, max(step) + 1, $2, $3, $4, $5 FROM order_history WHERE order_id = $1
        HAVING NOT bool_or(status = $2)
        RETURNING step
        """;

    /// <summary>Adds a step, unless the order has had it. The order stays what it is.</summary>
    /// <returns>Whether it was added.</returns>
    /// <exception cref="InvalidOperationException">There is no such order.</exception>
    public static async Task<bool> AddOnceAsync(
        NpgsqlConnection connection, Guid orderId, string step, DateTimeOffset at, Guid eventId, string? reason,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
            .With(Lock, Sql.Value(orderId))
            .With(AddOnce, Sql.Value(orderId), Sql.Value(step), Sql.Value(at), Sql.Value(eventId), Sql.Text(reason));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            throw new InvalidOperationException(
                $"There is no order {orderId}. Was the database replaced while its events were under way?");
        }

        await reader.NextResultAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken);
    }
}
