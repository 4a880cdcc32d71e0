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
    private const int Fewest = 4;

    /// <summary>Bytes of their bodies and contexts up to which they are.</summary>
    private const int MostBytes = 8 * 1024 * 1024;

    private const string Insert =
        "INSERT INTO outbox_batches (id, events, data, due_at) VALUES ($1, $2, $3, clock_timestamp() + $4)";

    private const string LockDue = """
        SELECT id, data, events FROM outbox_batches
        WHERE due_at <= clock_timestamp() AND id <> ALL ($1)
        ORDER BY id
        LIMIT 1
        FOR UPDATE SKIP LOCKED
        """;

    private const string Postpone = """
        UPDATE outbox_batches
        SET attempts = attempts + 1, last_error = $2, due_at = clock_timestamp() + least($3 * power(2, least(attempts, 20)), $4)
        WHERE id = $1
        """;

    /// <summary>Writes the events of a transaction, in one row where that is possible.</summary>
    /// <returns>The statement, and the id of that row; <see langword="null"/> when each event has its own.</returns>
    public static (NpgsqlBatchCommand Insert, Guid? Batch) ToInsert(List<EncodedEvent> events, DurabilityOptions options)
    {
        List<OutboxRow> rows = events.ConvertAll(OutboxRow.Of);
        if (events.Count < Fewest || options.PublishInOrder || rows.Sum(row => row.Context.Length + row.Body.Length) > MostBytes
            || !rows.TrueForAll(row => row.IsStorable))
        {
            // What the table does not take fails here, in the transaction that causes it, and not when it has to be moved.
            return (OutboxTable.ToInsert(rows, options), null);
        }

        var id = Guid.CreateVersion7();
        var insert = Sql.Command(
            Insert, Sql.Value(id), Sql.Value(rows.Count), Sql.Value(OutboxBatch.Write(rows)), Sql.Value(options.SweepAge));
        return (insert, id);
    }

    /// <summary>
    /// Moves the oldest batch that was left behind, and that nobody else is publishing, into the table outbox, due at once. One that cannot
    /// be moved is put off and stops no other.
    /// </summary>
    /// <param name="database">The service's.</param>
    /// <param name="except">Batches that are this replica's to publish otherwise.</param>
    /// <param name="options">How long what cannot be moved is put off.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Which it was, and why it could not be moved, if so; <see langword="null"/> when there was none.</returns>
    public static async Task<(Guid Id, string? Error)?> MoveDueAsync(
        NpgsqlDataSource database, Guid[] except, DurabilityOptions options, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await LockDueAsync(connection, except, cancellationToken) is not var (id, data, events))
        {
            return null;
        }

        try
        {
            await transaction.SaveAsync("move", cancellationToken);
            var move = OutboxTable.ToMove(id, OutboxBatch.Read(data, events), TimeSpan.Zero, options);
            await ExecuteAsync(connection, move, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return (id, null);
        }
        catch (Exception exception) when (exception is InvalidDataException or PostgresException { IsTransient: false })
        {
            await transaction.RollbackAsync("move", cancellationToken);
            await ExecuteAsync(
                connection,
                Sql.Command(
                    Postpone, Sql.Value(id), Sql.Value(OutboxTable.Storable(exception.Message)), Sql.Value(options.RefusedDelay),
                    Sql.Value(options.LongestRefusedDelay)),
                cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return (id, exception.Message);
        }
    }

    private static async Task<(Guid Id, byte[] Data, int Events)?> LockDueAsync(
        NpgsqlConnection connection, Guid[] except, CancellationToken cancellationToken)
    {
        await using var select = new NpgsqlCommand(LockDue, connection) { Parameters = { Sql.Value(except) } };
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (reader.GetGuid(0), reader.GetFieldValue<byte[]>(1), reader.GetInt32(2))
            : null;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, NpgsqlBatchCommand command, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { command } };
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
