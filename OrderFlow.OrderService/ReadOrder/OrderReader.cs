using Npgsql;
using OrderFlow.Contracts.Http;
using OrderFlow.Messaging.Postgres.Database;

namespace OrderFlow.OrderService.ReadOrder;

/// <summary>Reads an order with its lines and its history in one round trip.</summary>
internal sealed class OrderReader(NpgsqlDataSource database)
{
    private const string SelectOrder =
        "SELECT status, reason, user_id, currency, total, correlation_id, created_at, changed_at FROM orders WHERE id = $1";
    private const string SelectLines = "SELECT item_id, quantity, unit_price FROM order_lines WHERE order_id = $1 ORDER BY line";
    private const string SelectHistory = "SELECT status, at, event_id, reason FROM order_history WHERE order_id = $1 ORDER BY step";

    /// <returns>The order; <see langword="null"/> when it is not known, or not yet.</returns>
    public async Task<PlacedOrder?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        await using var batch = new NpgsqlBatch(connection).With(SelectOrder, Sql.Value(id)).With(SelectLines, Sql.Value(id))
            .With(SelectHistory, Sql.Value(id));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }

        var order = new PlacedOrder(
            id, reader.GetString(0), TextOrNull(reader, 1), reader.GetString(2), reader.GetString(3), Plain(reader.GetDecimal(4)),
            reader.GetString(5),
            Time(reader, 6), Time(reader, 7), [], []);
        var lines = new List<PlacedOrderLine>();
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            lines.Add(
                new PlacedOrderLine(reader.GetString(0), reader.GetInt32(1), reader.IsDBNull(2) ? null : Plain(reader.GetDecimal(2))));
        }

        var history = new List<PlacedOrderStep>();
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            history.Add(new PlacedOrderStep(reader.GetString(0), Time(reader, 1), reader.GetGuid(2), TextOrNull(reader, 3)));
        }

        return order with { Lines = lines, History = history };
    }

    private static string? TextOrNull(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static DateTimeOffset Time(NpgsqlDataReader reader, int column) => reader.GetFieldValue<DateTimeOffset>(column);

    /// <summary>19.99, not 19.990000000: a decimal remembers its trailing zeros, and division by this drops them.</summary>
    private static decimal Plain(decimal amount) => amount / 1.0000000000000000000000000000m;
}
