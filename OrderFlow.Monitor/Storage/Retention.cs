using Microsoft.Extensions.Options;
using Npgsql;

namespace OrderFlow.Monitor.Storage;

/// <summary>How far back the Monitor remembers.</summary>
internal sealed class Retention(NpgsqlDataSource database, Partitions partitions, IOptions<MonitorOptions> options, TimeProvider time)
{
    private const int DaysAhead = 2;
    private const int RowsAtOnce = 5000;

    private static readonly string[] Deletes =
    [
        Delete("flows", "started_at"), Delete("event_counts", "minute"), Delete("unreadable", "last_seen"), Delete("traces", "started_at"),
    ];

    /// <summary>The first day that is kept.</summary>
    public DateOnly FirstDay => Day(time.GetUtcNow() - options.Value.Retention);

    /// <summary>The last day that an event can have; a producer's clock may be ahead.</summary>
    public DateOnly LastDay => Day(time.GetUtcNow()).AddDays(1);

    public static DateOnly Day(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);

    /// <summary>Makes the partitions of today and the next days.</summary>
    public Task MakeAheadAsync(CancellationToken cancellationToken) =>
        partitions.MakeAsync(Enumerable.Range(0, DaysAhead + 1).Select(days => Day(time.GetUtcNow()).AddDays(days)), cancellationToken);

    /// <summary>Drops what is older than the retention.</summary>
    public async Task DropOldAsync(CancellationToken cancellationToken)
    {
        var first = FirstDay;
        await partitions.DropBeforeAsync(first, options.Value.Retention, cancellationToken);
        foreach (var delete in Deletes)
        {
            while (await DeleteAsync(delete, first, cancellationToken) == RowsAtOnce)
            {
                // A little at a time, so that nobody waits for a row for long.
            }
        }
    }

    private static string Delete(string table, string column) =>
        $"DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {table} WHERE {column} < $1 LIMIT $2 FOR UPDATE SKIP LOCKED))";

    private async Task<int> DeleteAsync(string sql, DateOnly first, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Constants of this class.
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = first.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc) });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = RowsAtOnce });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
