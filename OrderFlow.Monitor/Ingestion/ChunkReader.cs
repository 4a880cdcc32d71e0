using Npgsql;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>Finds stored events in their chunks.</summary>
internal sealed class ChunkReader(NpgsqlDataSource database)
{
    private const string ByIds = "SELECT id, stored_at, ids, data FROM chunks WHERE id = ANY ($1)";

    /// <summary>The one with an event in it; its id may also be there by chance, across two others.</summary>
    private const string OfEvent = """
        SELECT id, stored_at, ids, data FROM chunks WHERE id >= $1 AND id < $2 AND position($3::bytea IN ids) > 0
        """;

    private const string OfForeign = """
        SELECT id, stored_at, ids, data FROM chunks WHERE id = ANY (ARRAY(SELECT chunk FROM foreign_ids WHERE event_id = $1))
        """;

    private const string Next = "SELECT id, stored_at, ids, data FROM chunks WHERE id > $1 ORDER BY id LIMIT $2";

    private const string ChunksOfFlows = "SELECT chunks FROM flows WHERE ";

    /// <summary>
    /// Events with the time at which they were stored, those of the orders or flows that are asked for, in order of publishing.
    /// </summary>
    /// <param name="column">The column of <c>flows</c>.</param>
    /// <param name="values">What it must be one of.</param>
    /// <param name="isWanted">Which of the events are meant; chunks have others, too.</param>
    /// <param name="cancellationToken">Nobody waits for it any more.</param>
    public async Task<List<(StoredEvent Event, DateTimeOffset StoredAt)>> OfFlowsAsync(
        FlowColumn column, IReadOnlyCollection<string> values, Func<StoredEvent, bool> isWanted, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // One of two names.
        await using var command = database.CreateCommand(
            ChunksOfFlows + (column == FlowColumn.Order ? "aggregate_id" : "correlation_id") + " = ANY ($1)");
#pragma warning restore CA2100
        command.Parameters.Add(Sql.Value(values.ToArray()));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var chunks = new HashSet<long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            chunks.UnionWith(reader.GetFieldValue<long[]>(0));
        }

        await reader.DisposeAsync();
        return chunks.Count == 0 ? [] : await ReadAsync(ByIds, [Sql.Value(chunks.ToArray())], isWanted, cancellationToken);
    }

    /// <returns><see langword="null"/> when it is not stored.</returns>
    public async Task<(StoredEvent Event, DateTimeOffset StoredAt)?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        if (EventSlot.Of(id) is { } slot
            && await ReadAsync(
                OfEvent,
                [Sql.Value(ChunkId.First(slot)), Sql.Value(ChunkId.First(slot + 1)), Sql.Value(id.ToByteArray(bigEndian: true))],
                one => one.EventId == id, cancellationToken) is [var found, ..])
        {
            return found;
        }

        return await ReadAsync(OfForeign, [Sql.Value(id)], one => one.EventId == id, cancellationToken) is [var foreign, ..]
            ? foreign
            : null;
    }

    /// <summary>The events of the chunks after one, in the order in which they were made, to a few seconds.</summary>
    /// <param name="after">The last chunk that was read; 0 to begin.</param>
    /// <param name="most">How many chunks.</param>
    /// <param name="cancellationToken">Nobody waits for it any more.</param>
    /// <returns>The events, and the last chunk that was read; <see langword="null"/> when there are no more.</returns>
    public async Task<(IReadOnlyList<(StoredEvent Event, DateTimeOffset StoredAt)> Events, long? Last)> AfterAsync(
        long after, int most, CancellationToken cancellationToken)
    {
        long? last = null;
        await using var command = database.CreateCommand(Next);
        command.Parameters.AddRange(new NpgsqlParameter[] { Sql.Value(after), Sql.Value(most) });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<(StoredEvent, DateTimeOffset)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            last = reader.GetInt64(0);
            var stored = reader.Time(1);
            events.AddRange(
                EventChunk.Unpack(reader.GetFieldValue<byte[]>(2), reader.GetFieldValue<byte[]>(3)).Select(one => (one, stored)));
        }

        return (events, last);
    }

    private async Task<List<(StoredEvent Event, DateTimeOffset StoredAt)>> ReadAsync(
        string sql, NpgsqlParameter[] parameters, Func<StoredEvent, bool> isWanted, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Constants of this class.
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<(StoredEvent Event, DateTimeOffset StoredAt)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var stored = reader.Time(1);
            found.AddRange(EventChunk.Unpack(reader.GetFieldValue<byte[]>(2), reader.GetFieldValue<byte[]>(3))
                .Where(isWanted).Select(one => (one, stored)));
        }

        found.Sort(
            (one, other) => (one.Event.PublishedMicros, one.Event.EventId).CompareTo((other.Event.PublishedMicros, other.Event.EventId)));
        return found;
    }
}

/// <summary>What flows are found by.</summary>
internal enum FlowColumn
{
    Order,
    Correlation,
}
