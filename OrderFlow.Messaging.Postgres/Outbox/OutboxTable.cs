using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Messaging.Postgres.Outbox;

/// <summary>The outbox's SQL.</summary>
internal static class OutboxTable
{
    /// <summary>UTF-16 units of an error that are kept.</summary>
    private const int LongestError = 1000;

    private const string Insert = """
        INSERT INTO outbox (event_id, wire_type, context, body, due_at, aggregate_id)
        SELECT event_id, wire_type, context, body, clock_timestamp() + $5, CASE WHEN $6 THEN context #>> '{event,aggregateId}' END
        FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS e (event_id, wire_type, context, body, position)
        ORDER BY position
        """;

    // Nothing when somebody else has moved the batch.
    private const string Move = """
        WITH batch AS (DELETE FROM outbox_batches WHERE id = $7 RETURNING created_at)
        INSERT INTO outbox (event_id, wire_type, context, body, due_at, aggregate_id, created_at)
        SELECT event_id, wire_type, context, body, clock_timestamp() + $5, CASE WHEN $6 THEN context #>> '{event,aggregateId}' END,
            batch.created_at
        FROM batch, unnest($1, $2, $3, $4) WITH ORDINALITY AS e (event_id, wire_type, context, body, position)
        ORDER BY position
        """;

    // A lost deletion publishes an event again, which the inbox of its consumer finds: not worth a wait for the disk.
    public const string NoWaitForDisk = "SET LOCAL synchronous_commit = off";

    private const string LockDue = """
        SELECT event_id, wire_type, context, body FROM outbox
        WHERE due_at <= clock_timestamp() AND event_id <> ALL ($2)
        ORDER BY sequence
        LIMIT $1
        FOR UPDATE SKIP LOCKED
        """;

    private const string Delete = "DELETE FROM outbox WHERE event_id = ANY ($1)";

    // What a sweep has in hand is its own to delete, and its lock is nothing to wait for. Who has locked a batch gives it another lease, or
    // moves it, and waits for nobody.
    // An array is found once; a subquery in IN would be asked for each row again.
    private const string DeleteUnlocked = """
        WITH batches AS (DELETE FROM outbox_batches WHERE id = ANY ($1))
        DELETE FROM outbox WHERE ctid = ANY (ARRAY(SELECT ctid FROM outbox WHERE event_id = ANY ($1) FOR UPDATE SKIP LOCKED))
        """;

    private const string Lease = """
        WITH batches AS (
            UPDATE outbox_batches SET due_at = clock_timestamp() + $2
            WHERE ctid = ANY (ARRAY(SELECT ctid FROM outbox_batches WHERE id = ANY ($1) FOR UPDATE SKIP LOCKED)))
        UPDATE outbox SET due_at = clock_timestamp() + $2
        WHERE ctid = ANY (ARRAY(SELECT ctid FROM outbox WHERE event_id = ANY ($1) FOR UPDATE SKIP LOCKED))
        """;

    private const string Postpone = """
        UPDATE outbox
        SET attempts = attempts + 1,
            last_error = refused.error,
            due_at = clock_timestamp() + least($3 * power(2, least(attempts, 20)), $4)
        FROM unnest($1, $2) AS refused (event_id, error)
        WHERE outbox.event_id = refused.event_id
        """;

    // Those that are being published, by this replica or another, need no word.
    private const string Release = """
        UPDATE outbox SET due_at = clock_timestamp() WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM outbox WHERE wire_type = ANY ($1) AND attempts > 0 AND due_at > clock_timestamp() FOR UPDATE SKIP LOCKED))
        """;

    /// <summary>Locks and reads the oldest events that were left behind and that nobody else is publishing.</summary>
    /// <returns>What can be read; <paramref name="unreadable"/> gets the others, which must not stop them.</returns>
    public static async Task<List<EncodedEvent>> LockDueAsync(
        NpgsqlConnection connection, int limit, Guid[] except, List<(Guid Id, string Error)> unreadable,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(NoWaitForDisk), new(LockDue) { Parameters = { new NpgsqlParameter<int> { TypedValue = limit }, Uuids(except) } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var events = new List<EncodedEvent>();
        while (await reader.ReadAsync(cancellationToken))
        {
            try
            {
                events.Add(Read(reader));
            }
            catch (JsonException exception)
            {
                unreadable.Add((reader.GetGuid(0), WhyUnreadable(exception)));
            }
        }

        return events;
    }

    /// <summary>Reads a row that begins with event_id, wire_type, context and body.</summary>
    /// <exception cref="JsonException">Its context is not what this version writes.</exception>
    public static EncodedEvent Read(NpgsqlDataReader reader) =>
        StoredContext.Restore(reader.GetString(1), reader.GetString(2), reader.GetFieldValue<byte[]>(3));

    public static string WhyUnreadable(JsonException exception) => $"The column context cannot be read: {exception.Message}";

    /// <summary>
    /// Deletes what the broker has confirmed, puts off what it has refused, and makes due what was put off of types that it takes again.
    /// </summary>
    /// <param name="connection">The service's.</param>
    /// <param name="confirmed">Rows of this table.</param>
    /// <param name="refused">Events that the broker refused, and why.</param>
    /// <param name="takenAgain">Types of events.</param>
    /// <param name="options">How long what was refused is put off.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="rest">A batch that the broker took in part, and what it did not take: that becomes rows of this table.</param>
    public static async Task SettleAsync(
        NpgsqlConnection connection, List<Guid> confirmed, List<(Guid Id, string Error)> refused, string[] takenAgain,
        DurabilityOptions options, CancellationToken cancellationToken, (Guid Batch, List<EncodedEvent> Events)? rest = null)
    {
        await using var batch = new NpgsqlBatch(connection);
        if (rest is var (id, events))
        {
            batch.BatchCommands.Add(ToMove(id, events.ConvertAll(OutboxRow.Of), options.SweepAge, options));
        }

        if (confirmed.Count > 0)
        {
            batch.BatchCommands.Add(new(Delete) { Parameters = { Uuids([.. confirmed]) } });
        }

        if (refused.Count > 0)
        {
            batch.BatchCommands.Add(new(Postpone)
            {
                Parameters =
                {
                    Uuids([.. refused.Select(row => row.Id)]),
                    new NpgsqlParameter<string[]> { TypedValue = [.. refused.Select(row => Storable(row.Error))] },
                    new NpgsqlParameter<TimeSpan> { TypedValue = options.RefusedDelay },
                    new NpgsqlParameter<TimeSpan> { TypedValue = options.LongestRefusedDelay },
                },
            });
        }

        if (takenAgain.Length > 0)
        {
            batch.BatchCommands.Add(new(Release) { Parameters = { new NpgsqlParameter<string[]> { TypedValue = takenAgain } } });
        }

        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Deletes events that the broker has confirmed.</summary>
    public static NpgsqlBatchCommand ToDelete(Guid[] confirmed) => new(DeleteUnlocked) { Parameters = { Uuids(confirmed) } };

    /// <summary>Keeps the sweep from events for a while: they are being published.</summary>
    public static NpgsqlBatchCommand ToLease(Guid[] events, TimeSpan time) => new(Lease)
    {
        Parameters = { Uuids(events), new NpgsqlParameter<TimeSpan> { TypedValue = time } },
    };

    public static string Storable(string error) => TextCut.Storable(TextCut.ToUnits(error, LongestError), nul: " ");

    public static NpgsqlParameter<Guid[]> Uuids(Guid[] ids) => new() { TypedValue = ids };

    /// <summary>Writes events as one set.</summary>
    public static NpgsqlBatchCommand ToInsert(List<OutboxRow> rows, DurabilityOptions options) =>
        Inserting(Insert, rows, options.SweepAge, options);

    /// <summary>Makes events of a batch rows of this table, as old as the batch, instead of it.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="rows">Those that are not published.</param>
    /// <param name="lease">How long no sweep takes them.</param>
    /// <param name="options">The service's.</param>
    public static NpgsqlBatchCommand ToMove(Guid batch, List<OutboxRow> rows, TimeSpan lease, DurabilityOptions options)
    {
        var move = Inserting(Move, rows, lease, options);
        move.Parameters.Add(Sql.Value(batch));
        return move;
    }

    private static NpgsqlBatchCommand Inserting(string sql, List<OutboxRow> rows, TimeSpan lease, DurabilityOptions options) => Sql.Command(
        sql,
        Sql.Value<Guid[]>([.. rows.Select(row => row.EventId)]),
        Sql.Value<string[]>([.. rows.Select(row => row.WireType)]),
        new NpgsqlParameter<byte[][]>
        {
            TypedValue = [.. rows.Select(row => row.Context)],
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb,
        },
        Sql.Value<byte[][]>([.. rows.Select(row => row.Body)]),
        Sql.Value(lease),
        Sql.Value(options.PublishInOrder));
}
