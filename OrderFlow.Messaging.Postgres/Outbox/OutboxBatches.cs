using System.Text.Json;
using Npgsql;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Messaging.Postgres.Outbox;

/// <summary>
/// The SQL of the table <c>outbox_batches</c>, which costs the database one row for a transaction instead of one for each of its events.
/// Nothing is known of a single event there. What has to be, that the broker refused it and when it is tried again, is known of rows of the
/// table <c>outbox</c>: batches that were left behind, and the rest of those that the broker took in part, move there.
/// </summary>
internal static class OutboxBatches
{
    /// <summary>Events of a transaction from which on they are one row.</summary>
    public const int Fewest = 4;

    /// <summary>Rows that one transaction moves, at most.</summary>
    private const int MostMoved = 8;

    private const string Insert =
        "INSERT INTO outbox_batches (id, events, data, due_at) VALUES ($1, $2, $3, clock_timestamp() + $4)";

    private const string LockDue = """
        SELECT id, data, events FROM outbox_batches
        WHERE due_at <= clock_timestamp() AND id <> ALL ($2)
        ORDER BY id
        LIMIT $1
        FOR UPDATE SKIP LOCKED
        """;

    private const string Delete = "DELETE FROM outbox_batches WHERE id = ANY ($1)";

    private const string Postpone = """
        UPDATE outbox_batches
        SET attempts = attempts + 1, last_error = broken.error, due_at = clock_timestamp() + $3
        FROM unnest($1, $2) AS broken (id, error)
        WHERE outbox_batches.id = broken.id
        """;

    /// <summary>The id of a new row, when events of a transaction are to be one.</summary>
    public static Guid? NewId(List<EncodedEvent> events, DurabilityOptions options) =>
        events.Count >= Fewest && !options.PublishInOrder ? Guid.CreateVersion7() : null;

    public static NpgsqlBatchCommand ToInsert(Guid id, List<EncodedEvent> events, DurabilityOptions options) => Sql.Command(
        Insert, Sql.Value(id), Sql.Value(events.Count), Sql.Value(OutboxBatch.Write(events)), Sql.Value(options.SweepAge));

    /// <summary>Moves batches that were left behind, and that nobody else is publishing, into the table outbox, due at once.</summary>
    /// <param name="database">The service's.</param>
    /// <param name="except">Batches that are this replica's to publish otherwise.</param>
    /// <param name="one">Whether only one is to be moved: the broker is away.</param>
    /// <param name="unreadable">Gets what cannot be read, which is put off and must not stop the others.</param>
    /// <param name="options">How long what is unreadable is put off.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many there were.</returns>
    public static async Task<int> MoveDueAsync(
        NpgsqlDataSource database, Guid[] except, bool one, List<(Guid Id, string Error)> unreadable, DurabilityOptions options,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (moved, events) = (new List<Guid>(), new List<EncodedEvent>());
        await using (var select = new NpgsqlCommand(LockDue, connection)
        {
            Parameters = { Sql.Value(one ? 1 : MostMoved), Sql.Value(except) },
        })
        await using (var reader = await select.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                try
                {
                    events.AddRange(OutboxBatch.Read(reader.GetFieldValue<byte[]>(1), reader.GetInt32(2)));
                    moved.Add(reader.GetGuid(0));
                }
                catch (JsonException exception)
                {
                    unreadable.Add((reader.GetGuid(0), exception.Message));
                }
            }
        }

        if (moved.Count + unreadable.Count == 0)
        {
            return 0;
        }

        await using var batch = new NpgsqlBatch(connection);
        if (moved.Count > 0)
        {
            batch.BatchCommands.Add(OutboxTable.ToInsert(events, options, isDue: true));
            batch.With(Delete, Sql.Value<Guid[]>([.. moved]));
        }

        if (unreadable.Count > 0)
        {
            batch.With(
                Postpone,
                Sql.Value<Guid[]>([.. unreadable.Select(row => row.Id)]),
                Sql.Value<string[]>([.. unreadable.Select(row => OutboxTable.Storable(row.Error))]),
                Sql.Value(options.LongestRefusedDelay));
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return moved.Count;
    }
}
