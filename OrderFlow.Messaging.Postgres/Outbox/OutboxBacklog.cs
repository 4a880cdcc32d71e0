using Npgsql;
using OrderFlow.Messaging.Postgres.Database;

namespace OrderFlow.Messaging.Postgres.Outbox;

/// <summary>How much waits in the outbox, as the sweep last measured it.</summary>
internal sealed class OutboxBacklog(NpgsqlDataSource database, TimeProvider time)
{
    private const string Sql = """
        SELECT coalesce(sum(events), 0)::bigint, coalesce(sum(events) FILTER (WHERE attempts > 0), 0)::bigint,
            coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8
        FROM (
            (SELECT 1 AS events, attempts, created_at FROM outbox ORDER BY sequence LIMIT 100000)
            UNION ALL
            (SELECT events, attempts, created_at FROM outbox_batches ORDER BY id LIMIT 10000)) AS oldest
        """;

    private readonly Measured<(long Count, long Refused, double OldestAge)> _measured =
        new(database, Sql, row => (row.GetInt64(0), row.GetInt64(1), row.GetDouble(2)), default, time);

    /// <summary>Events in the outbox, those just being published among them; counted up to 100,000 rows and 10,000 batches.</summary>
    public long Count => _measured.Last.Value.Count;

    /// <summary>Events that the broker has refused at least once.</summary>
    public long Refused => _measured.Last.Value.Refused;

    /// <summary>Age of the oldest event in seconds; 0 when there is none. It grows while nothing can be measured.</summary>
    public double OldestAgeSeconds => _measured.Last is ({ Count: > 0, OldestAge: var age }, var since) ? age + since : 0;

    /// <inheritdoc cref="Measured{T}.MeasureAsync"/>
    public Task MeasureAsync(CancellationToken cancellationToken) => _measured.MeasureAsync(cancellationToken);
}
