using Npgsql;
using NpgsqlTypes;

namespace OrderFlow.Messaging.Postgres.Counters;

/// <summary>What one transaction has counted so far; forgotten when it is rolled back.</summary>
internal sealed class PendingCounts(DurableCounters counters)
{
    private const string Insert =
        "INSERT INTO durable_counts (counter, labels, value) "
        + "SELECT counter, labels, value FROM unnest($1, $2, $3) AS c (counter, labels, value)";

    private readonly Dictionary<DurableSeries, long> _values = [];

    public bool IsEmpty => _values.Count == 0;

    /// <exception cref="InvalidOperationException">The counter is not registered, so that nothing would export what it counts.</exception>
    public void Add(DurableCounter counter, long value, params ReadOnlySpan<string> labels)
    {
        if (counters.Find(counter.Name) != counter)
        {
            throw new InvalidOperationException(
                $"The counter '{counter.Name}' is not registered, so nothing would show what it counts. "
                + "Add builder.AddDurableCounters(…) with it where the service calls AddDurability.");
        }

        var series = counter.SeriesOf(labels);
        _values[series] = checked(_values.GetValueOrDefault(series) + value);
    }

    /// <summary>Writes the counts as one set, a row per series.</summary>
    public NpgsqlBatchCommand ToCommand()
    {
        var series = _values.Keys.ToArray();
        return new NpgsqlBatchCommand(Insert)
        {
            Parameters =
            {
                new NpgsqlParameter<string[]> { TypedValue = [.. series.Select(one => one.Counter.Name)] },
                new NpgsqlParameter<string[]>
                {
                    TypedValue = [.. series.Select(one => one.Json)],
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb,
                },
                new NpgsqlParameter<long[]> { TypedValue = [.. series.Select(one => _values[one])] },
            },
        };
    }
}
