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
        await using var command = new NpgsqlCommand(Claim, connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = consumer }, new NpgsqlParameter<Guid[]> { TypedValue = events } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var claimed = new HashSet<Guid>(events.Length);
        while (await reader.ReadAsync(cancellationToken))
        {
            claimed.Add(reader.GetGuid(0));
        }

        return claimed;
    }
}
