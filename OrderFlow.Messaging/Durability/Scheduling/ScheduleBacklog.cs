using Npgsql;

namespace OrderFlow.Messaging.Durability.Scheduling;

/// <summary>How many scheduled events wait, as last measured. The scheduler measures; whoever reads the metric asks nobody.</summary>
internal sealed class ScheduleBacklog(NpgsqlDataSource database, TimeProvider time)
{
    private const string Measure = """
        SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(due_at) FILTER (WHERE due_at <= statement_timestamp())), 0)::float8
        FROM (SELECT due_at FROM scheduled_events ORDER BY due_at LIMIT 100000) AS next
        """;

    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    private Snapshot last = new(0, 0, MeasuredAt: null);

    /// <summary>Scheduled events that are not in the outbox yet; counted up to 100,000.</summary>
    public long Count => Volatile.Read(ref last).Count;

    /// <summary>For how many seconds the one that is due for longest is due; 0 when none is. It grows while nothing can be measured.</summary>
    public double OverdueSeconds => Volatile.Read(ref last) is { Overdue: > 0, MeasuredAt: { } at } snapshot
        ? snapshot.Overdue + time.GetElapsedTime(at).TotalSeconds
        : 0;

    /// <summary>Measures, unless that was done within the last 5 s.</summary>
    public async Task MeasureAsync(CancellationToken cancellationToken)
    {
        if (last.MeasuredAt is { } at && time.GetElapsedTime(at) < Freshness)
        {
            return;
        }

        await using var command = database.CreateCommand(Measure);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        Volatile.Write(ref last, new Snapshot(reader.GetInt64(0), reader.GetDouble(1), time.GetTimestamp()));
    }

    private sealed record Snapshot(long Count, double Overdue, long? MeasuredAt);
}
