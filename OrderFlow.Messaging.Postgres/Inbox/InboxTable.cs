using Npgsql;

namespace OrderFlow.Messaging.Postgres.Inbox;

/// <summary>Which events a consumer has handled, kept in the transaction of their effects.</summary>
internal static class InboxTable
{
    /// <summary>
    /// In one order everywhere, so that two transactions with the same events wait for each other in a row and never in a
    /// circle. Whoever waits learns the outcome: a duplicate if the other commits, its own claim if not.
    /// </summary>
    private const string Claim = """
        INSERT INTO inbox (consumer, event_id)
        SELECT $1, id FROM unnest($2) AS id ORDER BY id
        ON CONFLICT DO NOTHING
        RETURNING event_id
        """;

    private const string InsertAll = "INSERT INTO inbox (consumer, event_id) SELECT $1, id FROM unnest($2) AS id ORDER BY id";

    private const string Find = "SELECT EXISTS (SELECT FROM inbox WHERE consumer = $1 AND event_id = $2)";

    /// <summary>Whether the consumer has handled the event, as far as is committed.</summary>
    public static async Task<bool> HoldsAsync(NpgsqlDataSource database, string consumer, Guid eventId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Find);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = consumer });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = eventId });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Claims the events for the consumer; the claim holds when the transaction commits.</summary>
    /// <returns>The events that are new. The others are handled already, or twice in <paramref name="events"/>.</returns>
    public static async Task<HashSet<Guid>> ClaimAsync(
        NpgsqlConnection connection, string consumer, Guid[] events, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { ClaimNew(consumer, events) } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await ReadClaimedAsync(reader, cancellationToken);
    }

    /// <summary>Claims those of the events that are new, and returns them: see <see cref="ReadClaimedAsync"/>.</summary>
    public static NpgsqlBatchCommand ClaimNew(string consumer, Guid[] events) => new(Claim)
    {
        Parameters = { new NpgsqlParameter<string> { TypedValue = consumer }, new NpgsqlParameter<Guid[]> { TypedValue = events } },
    };

    /// <summary>Claims all of the events, or fails in a way that <see cref="IsDuplicate"/> knows.</summary>
    public static NpgsqlBatchCommand ClaimAll(string consumer, Guid[] events) => new(InsertAll)
    {
        Parameters = { new NpgsqlParameter<string> { TypedValue = consumer }, new NpgsqlParameter<Guid[]> { TypedValue = events } },
    };

    /// <summary>Whether one of the events was not new.</summary>
    public static bool IsDuplicate(PostgresException exception) =>
        exception is { SqlState: PostgresErrorCodes.UniqueViolation, TableName: "inbox" };

    /// <summary>Reads what <see cref="ClaimNew"/> returns.</summary>
    public static async Task<HashSet<Guid>> ReadClaimedAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var claimed = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            claimed.Add(reader.GetGuid(0));
        }

        return claimed;
    }
}
