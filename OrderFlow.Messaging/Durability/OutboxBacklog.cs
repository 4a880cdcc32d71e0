using Npgsql;

namespace OrderFlow.Messaging.Durability;

/// <summary>How much waits in the outbox, as last measured. The sweep measures; whoever reads the metric asks nobody.</summary>
internal sealed class OutboxBacklog(NpgsqlDataSource database, TimeProvider time)
{
    private const string Measure = """
        SELECT count(*), count(*) FILTER (WHERE attempts > 0), coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8
        FROM (SELECT attempts, created_at FROM outbox ORDER BY sequence LIMIT 100000) AS oldest
        """;

    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    private Snapshot last = new(0, 0, 0, MeasuredAt: null);

    /// <summary>Events in the outbox, those just being published among them; counted up to 100,000.</summary>
    public long Count => Volatile.Read(ref last).Count;

    /// <summary>Events that the broker has refused at least once.</summary>
    public long Refused => Volatile.Read(ref last).Refused;

    /// <summary>Age of the oldest event in seconds; 0 when there is none. It grows while nothing can be measured.</summary>
    public double OldestAgeSeconds => Volatile.Read(ref last) is { Count: > 0, MeasuredAt: { } at } snapshot
        ? snapshot.OldestAge + time.GetElapsedTime(at).TotalSeconds
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
        Volatile.Write(ref last, new Snapshot(reader.GetInt64(0), reader.GetInt64(1), reader.GetDouble(2), time.GetTimestamp()));
    }

    private sealed record Snapshot(long Count, long Refused, double OldestAge, long? MeasuredAt);
}
