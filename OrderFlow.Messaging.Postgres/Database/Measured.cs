using Npgsql;

namespace OrderFlow.Messaging.Postgres.Database;

/// <summary>
/// What one statement measures in the database, as last measured: who works there measures, whoever reads the metric asks nobody.
/// </summary>
/// <typeparam name="T">What one row of the answer says.</typeparam>
internal sealed class Measured<T>(NpgsqlDataSource database, string sql, Func<NpgsqlDataReader, T> read, T before, TimeProvider time)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    private Snapshot _last = new(before, MeasuredAt: null);

    /// <summary>The last answer, and how old it is in seconds; 0 before the first.</summary>
    public (T Value, double AgeSeconds) Last => Volatile.Read(ref _last) is { MeasuredAt: { } at } snapshot
        ? (snapshot.Value, time.GetElapsedTime(at).TotalSeconds)
        : (before, 0);

    /// <summary>Measures, unless that was done within the last 5 s.</summary>
    public async Task MeasureAsync(CancellationToken cancellationToken)
    {
        if (_last.MeasuredAt is { } at && time.GetElapsedTime(at) < Freshness)
        {
            return;
        }

        await using var command = database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        Volatile.Write(ref _last, new Snapshot(read(reader), time.GetTimestamp()));
    }

    private sealed record Snapshot(T Value, long? MeasuredAt);
}
