using System.Text.Json;
using Npgsql;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Messaging.Postgres.Outbox;

/// <summary>
/// The outbox's SQL where order is kept: a row may be published only together with every earlier row of its aggregate that is still there.
/// A transaction that waited for another's locks writes its rows after the other's commit, so the order of commits is that of the sequence.
/// </summary>
internal static class OrderedOutbox
{
    // Whether somebody else has an earlier row, publishes it now, or has left it for later.
    private const string WithThoseBefore = """
        , others AS (
            SELECT outbox.aggregate_id, min(outbox.sequence) AS first
            FROM outbox
            WHERE outbox.aggregate_id IN (SELECT aggregate_id FROM locked)
              AND NOT EXISTS (SELECT FROM locked WHERE locked.event_id = outbox.event_id)
            GROUP BY outbox.aggregate_id)
        SELECT locked.*, coalesce(others.first < locked.sequence, false) AS held
        FROM locked LEFT JOIN others USING (aggregate_id)
        ORDER BY locked.sequence
        """;

    private const string LockThese = """
        WITH locked AS MATERIALIZED (
            SELECT event_id, aggregate_id, sequence FROM outbox WHERE event_id = ANY ($1) FOR UPDATE SKIP LOCKED)
        """ + WithThoseBefore;

    // Rows that wait behind one that is put off must not fill the limit.
    private const string LockDue = """
        WITH locked AS MATERIALIZED (
            SELECT event_id, wire_type, context, body, aggregate_id, sequence FROM outbox
            WHERE due_at <= clock_timestamp()
              AND NOT EXISTS (
                SELECT FROM outbox AS earlier
                WHERE earlier.aggregate_id = outbox.aggregate_id
                  AND earlier.sequence < outbox.sequence
                  AND earlier.due_at > clock_timestamp())
            ORDER BY sequence
            LIMIT $1
            FOR UPDATE SKIP LOCKED)
        """ + WithThoseBefore;

    /// <summary>Locks those of the events that are still there and that nobody else is publishing.</summary>
    public static async Task<OrderedLock> LockAsync(
        NpgsqlConnection connection, List<EncodedEvent> events, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(OutboxTable.NoWaitForDisk),
                new(LockThese) { Parameters = { OutboxTable.Uuids([.. events.Select(@event => @event.Context.EventId)]) } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var byId = events.ToDictionary(@event => @event.Context.EventId);
        var taken = new OrderedLock();
        while (await reader.ReadAsync(cancellationToken))
        {
            (reader.GetBoolean(3) ? taken.Held : taken.Events).Add(byId[reader.GetGuid(0)]);
        }

        return taken;
    }

    /// <summary>Locks and reads the oldest events that were left behind and that nobody else is publishing.</summary>
    public static async Task<OrderedLock> LockDueAsync(NpgsqlConnection connection, int limit, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(OutboxTable.NoWaitForDisk),
                new(LockDue) { Parameters = { new NpgsqlParameter<int> { TypedValue = limit } } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var taken = new OrderedLock();
        while (await reader.ReadAsync(cancellationToken))
        {
            var aggregate = await reader.IsDBNullAsync(4, cancellationToken) ? null : reader.GetString(4);
            if (reader.GetBoolean(6) || (aggregate is not null && taken.Blocked.Contains(aggregate)))
            {
                continue;
            }

            try
            {
                taken.Events.Add(OutboxTable.Read(reader));
            }
            catch (JsonException exception)
            {
                taken.Unreadable.Add((reader.GetGuid(0), OutboxTable.WhyUnreadable(exception)));
                if (aggregate is not null)
                {
                    taken.Blocked.Add(aggregate);
                }
            }
        }

        return taken;
    }
}

/// <summary>What a transaction of the relay has locked where order is kept, each list in the order of the outbox.</summary>
internal sealed class OrderedLock
{
    /// <summary>What may be published.</summary>
    public List<EncodedEvent> Events { get; } = [];

    /// <summary>What must wait for an earlier event that is not in <see cref="Events"/>.</summary>
    public List<EncodedEvent> Held { get; } = [];

    public List<(Guid Id, string Error)> Unreadable { get; } = [];

    /// <summary>Aggregates of which nothing more may be published now.</summary>
    public HashSet<string> Blocked { get; } = new(StringComparer.Ordinal);
}
