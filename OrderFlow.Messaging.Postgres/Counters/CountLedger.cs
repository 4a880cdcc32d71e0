using Npgsql;

namespace OrderFlow.Messaging.Postgres.Counters;

/// <summary>The SQL of the committed counts.</summary>
internal static class CountLedger
{
    // One statement is one snapshot: a row is either still pending or in its total, never both and never neither.
    private const string Read = """
        SELECT counter, labels::text, sum(value)::bigint
        FROM (
            SELECT counter, labels, total AS value FROM durable_totals
            UNION ALL
            SELECT counter, labels, value FROM durable_counts) AS counted
        GROUP BY counter, labels
        """;

    // A fold that a power cut undoes is undone as a whole: not worth a wait for the disk.
    private const string NoWaitForDisk = "SET LOCAL synchronous_commit = off";

    // In one order, and without rows that another has in hand, should a replica that was given up still be at it.
    private const string Fold = """
        WITH folded AS (
            DELETE FROM durable_counts WHERE ctid = ANY (ARRAY(SELECT ctid FROM durable_counts LIMIT $1 FOR UPDATE SKIP LOCKED))
            RETURNING counter, labels, value),
        added AS (
            INSERT INTO durable_totals (counter, labels, total)
            SELECT counter, labels, sum(value) FROM folded GROUP BY counter, labels ORDER BY counter, labels
            ON CONFLICT (counter, labels) DO UPDATE SET total = durable_totals.total + excluded.total)
        SELECT count(*) FROM folded
        """;

    /// <summary>The number of every series that was ever counted; of counters that this release does not know, none.</summary>
    public static async Task<Dictionary<DurableSeries, long>> ReadAsync(
        NpgsqlConnection connection, DurableCounters counters, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Read, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var numbers = new Dictionary<DurableSeries, long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (counters.Find(reader.GetString(0)) is { } counter)
            {
                // Several stored series may be one for this release: a label value that it no longer knows is "other".
                var series = DurableSeries.Read(counter, reader.GetString(1));
                numbers[series] = numbers.GetValueOrDefault(series) + reader.GetInt64(2);
            }
        }

        return numbers;
    }

    /// <summary>Folds up to <paramref name="limit"/> rows into the totals.</summary>
    /// <returns>How many.</returns>
    public static async Task<long> FoldAsync(NpgsqlConnection connection, int limit, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { new(NoWaitForDisk), new(Fold) { Parameters = { new NpgsqlParameter<int> { TypedValue = limit } } } },
        };
        var folded = (long)(await batch.ExecuteScalarAsync(cancellationToken))!;
        await transaction.CommitAsync(cancellationToken);
        return folded;
    }
}
