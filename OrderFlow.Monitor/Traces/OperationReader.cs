using Npgsql;
using OrderFlow.Monitor.Ingestion.Telemetry;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Traces;

/// <summary>
/// Sums up the spans of the last minutes by service, and by service and operation: of every span that came, whether its trace is kept or
/// not, what is not stored yet included.
/// </summary>
internal sealed class OperationReader(NpgsqlDataSource database, OperationStatistics unstored, TimeProvider time)
{
    private const int MostServices = 100;
    private const int MostOperations = 500;

    private const string Stored = """
        SELECT service, name, kind, count, errors, nanos, durations FROM operations WHERE day >= $2 AND minute >= $1
        """;

    /// <summary>The kinds server and consumer: what a service is asked for.</summary>
    private static readonly short[] Asked = [2, 5];

    public async Task<OperationList> ReadAsync(int minutes, CancellationToken cancellationToken)
    {
        var from = time.GetUtcNow().AddMinutes(-minutes).UtcDateTime;
        var minute = new DateTime(from.Ticks - (from.Ticks % TimeSpan.TicksPerMinute), DateTimeKind.Utc);
        // These first: what is stored meanwhile is rather missing for a moment than counted twice.
        var (services, operations) = (new Sums<string>(), new Sums<(string Service, string Name)>());
        foreach (var row in unstored.Since(minute))
        {
            Add(row);
        }

        await using var command = database.CreateCommand(Stored);
        command.Parameters.AddRange(
            new NpgsqlParameter[] { Sql.Value(minute), Sql.Value(DateOnly.FromDateTime(minute)) });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            Add(new OperationRow(
                minute, reader.GetString(0), reader.GetString(1), reader.GetInt16(2), reader.GetInt64(3), reader.GetInt64(4),
                reader.GetDouble(5), reader.GetFieldValue<byte[]>(6)));
        }

        return new OperationList(
            minutes,
            [.. services.MostTime(MostServices).Select(
                one => new ServiceTotal(
                    one.Key, one.Sum.Count, one.Sum.MeanMs, one.Sum.Ms(0.5), one.Sum.Ms(0.99), one.Sum.ErrorRate))],
            [.. operations.MostTime(MostOperations).Select(
                one => new Operation(
                    one.Key.Service, one.Key.Name, SpanViews.KindOf(one.Sum.Kind), one.Sum.Count, one.Sum.MeanMs, one.Sum.Ms(0.5),
                    one.Sum.Ms(0.99), one.Sum.ErrorRate))]);

        void Add(OperationRow row)
        {
            operations.Add((row.Service, row.Name), row);
            if (Asked.Contains(row.Kind))
            {
                services.Add(row.Service, row);
            }
        }
    }

    /// <summary>Sums by what they are of.</summary>
    private sealed class Sums<TKey>
        where TKey : notnull
    {
        private readonly Dictionary<TKey, Sum> _sums = [];

        public void Add(TKey key, OperationRow row)
        {
            if (!_sums.TryGetValue(key, out var sum))
            {
                sum = new Sum();
                _sums.Add(key, sum);
            }

            sum.Add(row);
        }

        public IEnumerable<(TKey Key, Sum Sum)> MostTime(int most) => _sums.OrderByDescending(one => one.Value.Nanos)
            .ThenBy(one => one.Key).Take(most).Select(one => (one.Key, one.Value));
    }

    private sealed class Sum
    {
        private readonly DurationHistogram _durations = new();

        public long Count { get; private set; }

        public long Errors { get; private set; }

        public double Nanos { get; private set; }

        public short Kind { get; private set; }

        public double MeanMs => Nanos / Count / 1e6;

        public double ErrorRate => (double)Errors / Count;

        public double Ms(double share) => _durations.Percentile(share) / 1e6;

        public void Add(OperationRow row)
        {
            (Count, Errors, Nanos) = (Count + row.Count, Errors + row.Errors, Nanos + row.Nanos);
            Kind = Math.Max(Kind, row.Kind);
            _durations.Add(row.Durations);
        }
    }
}
