using Npgsql;

namespace OrderFlow.Messaging.Postgres.EndToEnd;

/// <summary>
/// The SQL of the ended flows. Only the session that holds the counters' lock calls it, so what it folds is exactly what is new.
/// </summary>
internal static class FlowEndLedger
{
    private const string Read = "SELECT flow, status, attempt, upper, count, seconds FROM flow_end_buckets";

    // A fold that a power cut undoes is undone as a whole, and with it the session of whoever told it: not worth a wait for the disk.
    private const string NoWaitForDisk = "SET LOCAL synchronous_commit = off";

    private const string Fold = """
        WITH ended AS (
            DELETE FROM flow_ends WHERE ctid = ANY (ARRAY(SELECT ctid FROM flow_ends LIMIT $1 FOR UPDATE SKIP LOCKED))
            RETURNING flow, status, attempt, seconds, trace_id),
        added AS (
            INSERT INTO flow_end_buckets AS known (flow, status, attempt, upper, count, seconds)
            SELECT flow, status, attempt,
                coalesce((SELECT min(bound) FROM unnest($2) AS bound WHERE bound >= ended.seconds), 'Infinity') AS upper,
                count(*), sum(seconds)
            FROM ended GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
            ON CONFLICT (flow, status, attempt, upper) DO UPDATE
            SET count = known.count + excluded.count, seconds = known.seconds + excluded.seconds)
        SELECT flow, status, attempt, seconds, trace_id FROM ended
        """;

    /// <summary>All that was ever folded.</summary>
    public static async Task<List<FlowEndBucket>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Read, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var buckets = new List<FlowEndBucket>();
        while (await reader.ReadAsync(cancellationToken))
        {
            buckets.Add(new(
                reader.GetString(0), reader.GetString(1), reader.GetString(2),
                reader.GetDouble(3), reader.GetInt64(4), reader.GetDouble(5)));
        }

        return buckets;
    }

    /// <summary>Folds up to <paramref name="limit"/> rows into the buckets, and returns them once that is committed.</summary>
    public static async Task<List<FlowEnding>> FoldAsync(NpgsqlConnection connection, int limit, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var endings = new List<FlowEnding>();
        await using (var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(NoWaitForDisk),
                new(Fold)
                {
                    Parameters =
                    {
                        new NpgsqlParameter<int> { TypedValue = limit },
                        new NpgsqlParameter<double[]> { TypedValue = [.. EndToEndLatency.Bounds] },
                    },
                },
            },
        })
        {
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                Guid? trace = await reader.IsDBNullAsync(4, cancellationToken) ? null : reader.GetGuid(4);
                endings.Add(new(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetDouble(3), trace));
            }
        }

        await transaction.CommitAsync(cancellationToken);
        return endings;
    }
}

/// <summary>The flows of one series that took longer than the next lower bound and no longer than this one.</summary>
internal sealed record FlowEndBucket(string Flow, string Status, string Attempt, double Upper, long Count, double Seconds);
