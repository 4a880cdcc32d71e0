using Npgsql;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Traces;

/// <summary>Sums up the spans of the last minutes by service, and by service and operation.</summary>
internal sealed class OperationReader(NpgsqlDataSource database, TimeProvider time)
{
    private const string Figures = """
        count(*), (avg(duration_nanos) / 1e6)::float8,
        percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY duration_nanos / 1e6::float8), count(*) FILTER (WHERE is_error)
        """;

    /// <summary>The kinds server and consumer.</summary>
    private const string Services = $"""
        SELECT {Figures}, service FROM spans WHERE day >= $2 AND started_at >= $1 AND kind IN (2, 5)
        GROUP BY service ORDER BY sum(duration_nanos) DESC, service LIMIT 100
        """;

    private const string Operations = $"""
        SELECT {Figures}, service, name, max(kind) FROM spans WHERE day >= $2 AND started_at >= $1
        GROUP BY service, name ORDER BY sum(duration_nanos) DESC, service, name LIMIT 500
        """;

    public async Task<OperationList> ReadAsync(int minutes, CancellationToken cancellationToken)
    {
        var from = time.GetUtcNow().AddMinutes(-minutes);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(Services) { Parameters = { Sql.Time(from), Sql.Value(Retention.Day(from)) } },
                new(Operations) { Parameters = { Sql.Time(from), Sql.Value(Retention.Day(from)) } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var services = new List<ServiceTotal>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var (count, mean, p50, p99, errorRate) = ReadFigures(reader);
            services.Add(new ServiceTotal(reader.GetString(4), count, mean, p50, p99, errorRate));
        }

        await reader.NextResultAsync(cancellationToken);
        var operations = new List<Operation>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var (count, mean, p50, p99, errorRate) = ReadFigures(reader);
            operations.Add(
                new Operation(
                    reader.GetString(4), reader.GetString(5), TraceReader.KindOf(reader.GetInt16(6)), count, mean, p50, p99, errorRate));
        }

        return new OperationList(minutes, services, operations);
    }

    private static (long Count, double Mean, double P50, double P99, double ErrorRate) ReadFigures(NpgsqlDataReader reader)
    {
        var (count, percentiles) = (reader.GetInt64(0), reader.GetFieldValue<double[]>(2));
        return (count, reader.GetDouble(1), percentiles[0], percentiles[1], (double)reader.GetInt64(3) / count);
    }
}
