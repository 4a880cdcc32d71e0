using Npgsql;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.FollowTraces;

/// <summary>Sums up the spans of the last minutes by service and operation.</summary>
internal sealed class OperationReader(NpgsqlDataSource database, TimeProvider time)
{
    private const string Operations = """
        SELECT service, name, max(kind), count(*), (avg(duration_nanos) / 1e6)::float8,
            percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY duration_nanos / 1e6::float8), count(*) FILTER (WHERE is_error)
        FROM spans WHERE day >= $2 AND started_at >= $1 GROUP BY service, name ORDER BY sum(duration_nanos) DESC, service, name LIMIT 500
        """;

    public async Task<OperationList> ReadAsync(int minutes, CancellationToken cancellationToken)
    {
        var from = time.GetUtcNow().AddMinutes(-minutes);
        await using var command = database.CreateCommand(Operations);
        command.Parameters.Add(Sql.Time(from));
        command.Parameters.Add(Sql.Value(Retention.Day(from)));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<Operation>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var percentiles = reader.GetFieldValue<double[]>(5);
            var count = reader.GetInt64(3);
            found.Add(new Operation(
                reader.GetString(0), reader.GetString(1), TraceReader.KindOf(reader.GetInt16(2)), count,
                reader.GetDouble(4), percentiles[0], percentiles[1], (double)reader.GetInt64(6) / count));
        }

        return new OperationList(minutes, found);
    }
}
