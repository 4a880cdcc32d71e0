using Npgsql;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Orders;

/// <summary>Reads what became of events at their consumers, the oldest first.</summary>
internal sealed class HandlingReader(NpgsqlDataSource database)
{
    private const int Most = 1000;

    private const string Columns =
        "event_id, wire_type, service, kind, at, handler, attempt, tier, reason, exception_type, exception_message, run, decided_by";

    public Task<IReadOnlyList<HandlingStep>> OfOrderAsync(string orderId, CancellationToken cancellationToken) =>
        ReadAsync($"SELECT {Columns} FROM handling WHERE aggregate_id = $1 ORDER BY at LIMIT $2", Sql.Value(orderId), cancellationToken);

    public Task<IReadOnlyList<HandlingStep>> OfEventAsync(Guid id, CancellationToken cancellationToken) =>
        ReadAsync($"SELECT {Columns} FROM handling WHERE event_id = $1 ORDER BY at LIMIT $2", Sql.Value(id), cancellationToken);

    private async Task<IReadOnlyList<HandlingStep>> ReadAsync(string sql, NpgsqlParameter key, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Constants of this class.
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        command.Parameters.AddRange(new[] { key, Sql.Value(Most) });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var steps = new List<HandlingStep>();
        while (await reader.ReadAsync(cancellationToken))
        {
            steps.Add(new HandlingStep(
                reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.Time(4), reader.TextOrNull(5),
                reader.IntegerOrNull(6),
                reader.IntegerOrNull(7), reader.TextOrNull(8), reader.TextOrNull(9), reader.TextOrNull(10), reader.IdOrNull(11),
                reader.TextOrNull(12)));
        }

        return steps;
    }
}
