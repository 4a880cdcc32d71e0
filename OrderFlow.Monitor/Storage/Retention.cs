using Microsoft.Extensions.Options;
using Npgsql;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Storage;

/// <summary>Drops what is older than the retention, and makes the partitions of the days to come.</summary>
internal sealed class Retention(NpgsqlDataSource database, Partitions partitions, IOptions<MonitorOptions> options, TimeProvider time)
{
    private const int DaysAhead = 2;
    private const int RowsAtOnce = 5000;

    /// <summary>Keeps undecided and discarded dead letters for good: the reconciliation counts them.</summary>
    private const string NotTheLastWord = """
         AND (kind NOT IN ('dead-lettered', 'discarded') OR EXISTS (
            SELECT 1 FROM handling AS later
            WHERE later.event_id = handling.event_id AND later.service = handling.service AND later.at > handling.at
                AND later.kind <> 'retry-queued'))
        """;

    /// <summary>Adds the counts of old minutes to a total, so that the reconciliation keeps counting what was published.</summary>
    private const string FoldCounts = """
        WITH gone AS (
            DELETE FROM event_counts
            WHERE ctid = ANY (ARRAY(SELECT ctid FROM event_counts WHERE minute < $1 LIMIT $2 FOR UPDATE SKIP LOCKED))
            RETURNING wire_type, count
        ), folded AS (
            INSERT INTO published_before AS total SELECT wire_type, sum(count) FROM gone GROUP BY wire_type
            ON CONFLICT (wire_type) DO UPDATE SET count = total.count + excluded.count
        )
        SELECT count(*) FROM gone
        """;

    private static readonly string[] Deletes =
    [
        Delete("unreadable", "last_seen"), Delete("handling", "at", NotTheLastWord),
        FoldCounts,
    ];

    /// <summary>The first day that is kept.</summary>
    public DateOnly FirstDay => Day(time.GetUtcNow() - options.Value.Retention);

    /// <summary>The last day that an event can have; a producer's clock may be ahead.</summary>
    public DateOnly LastDay => Day(time.GetUtcNow()).AddDays(1);

    public static DateOnly Day(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);

    /// <summary>What a migration could not keep, in a sentence each; said once.</summary>
    public async Task<IReadOnlyList<string>> TakeUpgradeNotesAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("DELETE FROM upgrade_notes RETURNING note");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var notes = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            notes.Add(reader.GetString(0));
        }

        return notes;
    }

    /// <summary>Makes the partitions of today and the next days.</summary>
    public Task MakeAheadAsync(CancellationToken cancellationToken) =>
        partitions.MakeAsync(Enumerable.Range(0, DaysAhead + 1).Select(days => Day(time.GetUtcNow()).AddDays(days)), cancellationToken);

    /// <summary>Drops what is older than the retention.</summary>
    public async Task DropOldAsync(CancellationToken cancellationToken)
    {
        var first = await FirstDayToKeepAsync(cancellationToken);
        await partitions.DropBeforeAsync(first, options.Value.Retention, cancellationToken);
        foreach (var delete in Deletes)
        {
            while (await DeleteAsync(delete, first, cancellationToken) == RowsAtOnce)
            {
                // A little at a time, so that nobody waits for a row for long.
            }
        }
    }

    /// <summary>
    /// By this clock and the database's, whichever is behind: what is dropped is gone, and one of the two may have been set wrong.
    /// </summary>
    private async Task<DateOnly> FirstDayToKeepAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT clock_timestamp()");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var first = Day(reader.Time(0) - options.Value.Retention);
        return first < FirstDay ? first : FirstDay;
    }

    private static string Delete(string table, string column, string condition = "") => $"""
        WITH gone AS (
            DELETE FROM {table}
            WHERE ctid = ANY (ARRAY(SELECT ctid FROM {table} WHERE {column} < $1{condition} LIMIT $2 FOR UPDATE SKIP LOCKED))
            RETURNING 1
        )
        SELECT count(*) FROM gone
        """;

    private async Task<long> DeleteAsync(string sql, DateOnly first, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Constants of this class.
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = first.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc) });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = RowsAtOnce });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
