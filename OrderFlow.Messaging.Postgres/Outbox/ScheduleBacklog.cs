using Npgsql;
using OrderFlow.Messaging.Postgres.Database;

namespace OrderFlow.Messaging.Postgres.Outbox;

/// <summary>How many scheduled events wait, as the scheduler last measured it.</summary>
internal sealed class ScheduleBacklog(NpgsqlDataSource database, TimeProvider time)
{
    private const string Sql = """
        SELECT
            count(*),
            coalesce(extract(epoch FROM clock_timestamp() - min(due_at) FILTER (WHERE due_at <= statement_timestamp())), 0)::float8
        FROM (SELECT due_at FROM scheduled_events ORDER BY due_at LIMIT 100000) AS next
        """;

    private readonly Measured<(
        long Count, double Overdue)> _measured = new(database, Sql, row => (row.GetInt64(0), row.GetDouble(1)), default, time);

    /// <summary>Scheduled events that are not in the outbox yet; counted up to 100,000.</summary>
    public long Count => _measured.Last.Value.Count;

    /// <summary>
    /// For how many seconds the one that is due for longest is due; 0 when none is. It grows while nothing can be measured.
    /// </summary>
    public double OverdueSeconds => _measured.Last is ({ Overdue: > 0 and var overdue }, var since) ? overdue + since : 0;

    /// <inheritdoc cref="Measured{T}.MeasureAsync"/>
    public Task MeasureAsync(CancellationToken cancellationToken) => _measured.MeasureAsync(cancellationToken);
}
