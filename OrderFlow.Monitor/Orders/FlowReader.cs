using Npgsql;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Orders;

/// <summary>Reads the state of flows.</summary>
internal sealed class FlowReader(NpgsqlDataSource database)
{
    public const string Columns =
        "aggregate_id, correlation_id, flow, user_id, status, outcome, started_at, ended_at, end_type, total_micros, "
        + "deadline_missed, events, last_event_at, attempt, given_up_at, tenant_id";

    private const int Most = 100;

    public Task<List<OrderSummary>> OfCorrelationAsync(string correlationId, CancellationToken cancellationToken) =>
        ReadAsync(
            $"SELECT {Columns} FROM flows WHERE correlation_id = $1 ORDER BY started_at LIMIT {Most}",
            [Sql.Value(correlationId)],
            cancellationToken);

    public Task<List<OrderSummary>> OfOrderAsync(string orderId, CancellationToken cancellationToken) =>
        ReadAsync(
            $"SELECT {Columns} FROM flows WHERE aggregate_id = $1 ORDER BY started_at LIMIT {Most}",
            [Sql.Value(orderId)],
            cancellationToken);

    public Task<List<OrderSummary>> OldestOpenAsync(int limit, CancellationToken cancellationToken) =>
        ReadAsync(
            $"SELECT {Columns} FROM flows WHERE status = 'open' ORDER BY started_at LIMIT $1", [Sql.Value(limit)], cancellationToken);

    /// <summary>Reads flows; the statement selects <see cref="Columns"/>.</summary>
    public async Task<List<OrderSummary>> ReadAsync(string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Made of constants.
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<OrderSummary>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new OrderSummary(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.TextOrNull(3), reader.GetString(4),
                reader.TextOrNull(5),
                reader.Time(6), reader.TimeOrNull(7), reader.TextOrNull(8), reader.IsDBNull(9) ? null : reader.GetInt64(9) / 1000.0,
                reader.IsDBNull(10) ? null : reader.GetBoolean(10), reader.GetInt32(11), reader.Time(12),
                reader.TextOrNull(13), reader.TimeOrNull(14))
            {
                TenantId = reader.TextOrNull(15),
            });
        }

        return found;
    }
}
