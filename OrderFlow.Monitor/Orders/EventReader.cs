using Npgsql;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Orders;

/// <summary>Reads stored events.</summary>
internal sealed class EventReader(NpgsqlDataSource database)
{
    /// <summary>Events in one answer.</summary>
    public const int Most = 1000;

    /// <summary>Causes that a chain goes back.</summary>
    private const int LongestChain = 100;

    private const string Columns =
        "event_id, wire_type, version, source, correlation_id, causation_id, aggregate_id, user_id, tenant_id, flow, origin, "
        + "published_at, stored_at, attempt, replayed, traceparent";

    private const string ById = $"SELECT {Columns}, headers, body FROM events WHERE event_id = $1 ORDER BY day LIMIT 1";
    private const string ByCorrelation =
        $"SELECT {Columns} FROM events WHERE correlation_id = $1 ORDER BY published_at, event_id LIMIT $2";
    private const string ByOrder = $"SELECT {Columns} FROM events WHERE aggregate_id = $1 ORDER BY published_at, event_id LIMIT $2";
    private const string ByCause = $"SELECT {Columns} FROM events WHERE causation_id = $1 ORDER BY published_at, event_id LIMIT $2";

    private const string WholeByOrder =
        $"SELECT {Columns}, headers, body FROM events WHERE aggregate_id = $1 ORDER BY published_at, event_id LIMIT $2";

    // LATERAL with LIMIT: one index lookup per step, whatever the planner thinks of the number of rows.
    private const string Chain = $"""
        WITH RECURSIVE chain AS (
            (SELECT 1 AS step, {Columns} FROM events WHERE event_id = $1 ORDER BY day LIMIT 1)
            UNION ALL
            SELECT chain.step + 1, cause.* FROM chain
            CROSS JOIN LATERAL (SELECT {Columns} FROM events WHERE events.event_id = chain.causation_id ORDER BY day LIMIT 1) cause
            WHERE chain.step < $2 AND chain.causation_id IS NOT NULL
        )
        SELECT {Columns} FROM chain ORDER BY step DESC
        """;

    public async Task<(EventView Event, string? Headers, byte[] Body)?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(ById);
        command.Parameters.Add(Sql.Value(id));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (Read(reader), reader.TextOrNull(16), reader.GetFieldValue<byte[]>(17))
            : null;
    }

    public Task<EventList> OfCorrelationAsync(string correlationId, CancellationToken cancellationToken) =>
        ListAsync(ByCorrelation, Sql.Value(correlationId), cancellationToken);

    public Task<EventList> OfOrderAsync(string orderId, CancellationToken cancellationToken) =>
        ListAsync(ByOrder, Sql.Value(orderId), cancellationToken);

    /// <summary>The events of an order with headers and bodies: the first <paramref name="limit"/>.</summary>
    public async Task<IReadOnlyList<(EventView Event, string? Headers, byte[] Body)>> WholeOfOrderAsync(
        string orderId, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(WholeByOrder);
        command.Parameters.AddRange(new[] { Sql.Value(orderId), Sql.Value(limit) });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<(EventView, string?, byte[])>();
        while (await reader.ReadAsync(cancellationToken))
        {
            events.Add((Read(reader), reader.TextOrNull(16), reader.GetFieldValue<byte[]>(17)));
        }

        return events;
    }

    public Task<EventList> CausedByAsync(Guid id, CancellationToken cancellationToken) =>
        ListAsync(ByCause, Sql.Value(id), cancellationToken);

    /// <returns>The chain that ends with the event; <see langword="null"/> when that is not stored.</returns>
    public async Task<CausationChain?> ChainAsync(Guid id, CancellationToken cancellationToken)
    {
        var events = await ReadAllAsync(Chain, [Sql.Value(id), Sql.Value(LongestChain)], cancellationToken);
        return events.Count == 0
            ? null
            : new CausationChain(id, events[0].CausationId is null, events[0].CausationId, TraceStep.Of(events));
    }

    private async Task<EventList> ListAsync(string sql, NpgsqlParameter key, CancellationToken cancellationToken)
    {
        var events = await ReadAllAsync(sql, [key, Sql.Value(Most + 1)], cancellationToken);
        var truncated = events.Count > Most;
        return new EventList(truncated ? events[..Most] : events, truncated);
    }

    private async Task<List<EventView>> ReadAllAsync(string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Constants of this class.
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<EventView>();
        while (await reader.ReadAsync(cancellationToken))
        {
            events.Add(Read(reader));
        }

        return events;
    }

    private static EventView Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetString(1), reader.GetInt32(2), reader.TextOrNull(3), reader.GetString(4),
        reader.IsDBNull(5) ? null : reader.GetGuid(5),
        reader.TextOrNull(6), reader.TextOrNull(7), reader.TextOrNull(8), reader.GetString(9), reader.Time(10), reader.Time(11),
        reader.Time(12),
        reader.GetInt32(13), reader.GetBoolean(14), reader.TextOrNull(15));
}
