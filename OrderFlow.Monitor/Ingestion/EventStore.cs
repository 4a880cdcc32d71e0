using Microsoft.Extensions.Options;
using Npgsql;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Operations.WireTap;
using OrderFlow.Monitor.Hosting;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>
/// Stores a batch of events in one transaction: those that are new, packed into a few chunks, their counts, and a row for each of their
/// flows. One batch at a time.
/// </summary>
internal sealed class EventStore(
    NpgsqlDataSource database, Partitions partitions, Retention retention, EventUpgrade upgrade,
    IOptions<MonitorOptions> options) : IAsyncDisposable
{
    private readonly StoringConnection _connection = new(database, partitions);
    private readonly RecentIds _recent = new();
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <returns>How many of each type were new.</returns>
    public Task<IReadOnlyDictionary<string, long>> StoreAsync(
        IReadOnlyList<TappedMessage> events, CancellationToken cancellationToken) =>
        StoreAsync([.. events.Select(StoredEvent.Of)], cancellationToken);

    /// <inheritdoc cref="StoreAsync(IReadOnlyList{TappedMessage}, CancellationToken)"/>
    public async Task<IReadOnlyDictionary<string, long>> StoreAsync(
        IReadOnlyList<StoredEvent> events, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await upgrade.RunAsync(cancellationToken);
            var (first, last) = (retention.FirstDay, retention.LastDay);
            var rows = events.Select(one => (Event: one, Slot: EventSlot.Of(one, first, last))).ToList();
            var days = rows.Select(row => ChunkId.DayOf(row.Slot.Number)).Concat(
                events.Select(one => FlowChange.DayOf(one.OriginMicros, first)));
            var (stored, batch) = await _connection.StoreAsync(
                days, connection => StoreAsync(connection, rows, first, cancellationToken), cancellationToken);
            _recent.End(batch);
            return stored;
        }
        catch
        {
            // What was added to it may not be stored.
            _recent.Forget();
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _gate.Dispose();
    }

    private async Task<(IReadOnlyDictionary<string, long> Stored, long Batch)> StoreAsync(
        NpgsqlConnection connection, List<(StoredEvent Event, EventSlot Slot)> rows, DateOnly firstDay,
        CancellationToken cancellationToken)
    {
        var batch = await BeginAsync(connection, cancellationToken);
        var fresh = await WithoutKnownAsync(connection, rows, cancellationToken);
        IReadOnlyDictionary<string, long> stored = fresh.CountBy(row => row.Event.WireType)
            .ToDictionary(type => type.Key, type => (long)type.Value, StringComparer.Ordinal);
        if (fresh.Count > 0)
        {
            var chunks = EventChunks.Of(fresh, batch);
            await ChunkWriter.WriteAsync(connection, chunks, cancellationToken);
            await StoreFlowsAsync(connection, chunks, firstDay, cancellationToken);
        }

        return (stored, batch);
    }

    private async Task<long> BeginAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var begin = new NpgsqlBatch(connection) { BatchCommands = { new(EventStoreSql.Lock), new(EventStoreSql.NextBatch) } };
        await using var reader = await begin.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var batch = reader.GetInt64(0);
        _recent.Begin(batch);
        return batch;
    }

    /// <summary>The events that are not stored, each once.</summary>
    private async Task<List<(StoredEvent Event, EventSlot Slot)>> WithoutKnownAsync(
        NpgsqlConnection connection, List<(StoredEvent Event, EventSlot Slot)> rows, CancellationToken cancellationToken)
    {
        _recent.Shrink();
        var slots = rows.Where(row => row.Slot.IsOfId).Select(row => row.Slot.Number).Distinct()
            .Where(slot => !_recent.Knows(slot)).ToArray();
        await LoadAsync(connection, slots, cancellationToken);
        var foreign = await KnownForeignAsync(
            connection, [.. rows.Where(row => !row.Slot.IsCertain).Select(row => row.Event.EventId).Distinct()], cancellationToken);
        var fresh = new List<(StoredEvent, EventSlot)>(rows.Count);
        foreach (var (one, slot) in rows)
        {
            if ((slot.IsCertain || !foreign.Contains(one.EventId))
                && (slot.IsOfId ? _recent.TryAdd(slot.Number, one.EventId) : foreign.Add(one.EventId)))
            {
                fresh.Add((one, slot));
            }
        }

        return fresh;
    }

    private async Task LoadAsync(NpgsqlConnection connection, long[] slots, CancellationToken cancellationToken)
    {
        if (slots.Length == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand(EventStoreSql.IdsOfSlots, connection)
        {
            Parameters =
            {
                Sql.Value(slots.Select(ChunkId.First).ToArray()), Sql.Value(slots.Select(slot => ChunkId.First(slot + 1)).ToArray()),
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var stored = new List<(long Slot, byte[] Ids)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            stored.Add((ChunkId.SlotOf(reader.GetInt64(0)), reader.GetFieldValue<byte[]>(1)));
        }

        foreach (var slot in slots)
        {
            _recent.Load(slot);
        }

        foreach (var (slot, ids) in stored)
        {
            foreach (var id in EventChunk.IdsOf(ids))
            {
                _recent.TryAdd(slot, id);
            }
        }
    }

    /// <summary>Of ids that say nothing of where they are stored, those that are.</summary>
    private static async Task<HashSet<Guid>> KnownForeignAsync(NpgsqlConnection connection, Guid[] ids, CancellationToken cancellationToken)
    {
        var known = new HashSet<Guid>();
        if (ids.Length == 0)
        {
            return known;
        }

        await using var command = new NpgsqlCommand(EventStoreSql.KnownForeign, connection) { Parameters = { Sql.Value(ids) } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            known.Add(reader.GetGuid(0));
        }

        return known;
    }

    private async Task StoreFlowsAsync(
        NpgsqlConnection connection, EventChunks chunks, DateOnly firstDay, CancellationToken cancellationToken)
    {
        var flows = chunks.Flows(firstDay);
        var counts = chunks.All.SelectMany(chunk => chunk.Events)
            .CountBy(row => (Minute: MinuteOf(row.Event.PublishedMicros), row.Event.WireType))
            .OrderBy(count => count.Key).ToList();
        await using var command = new NpgsqlCommand(EventStoreSql.Store, connection)
        {
            Parameters =
            {
                Sql.Value(options.Value.FlowDeadline),
                Sql.Value(counts.Select(count => count.Key.Minute).ToArray()),
                Sql.Value(counts.Select(count => count.Key.WireType).ToArray()),
                Sql.Value(counts.Select(count => (long)count.Value).ToArray()),
                Each(flow => flow.Day),
                Each(flow => flow.CorrelationId),
                Each(flow => flow.AggregateId),
                Each(flow => flow.Flow),
                Each(flow => flow.UserId),
                Each(flow => flow.TenantId),
                Each(flow => flow.StartedAt),
                Each(flow => flow.EndedAt),
                Each(flow => flow.EndType),
                Each(flow => flow.Outcome),
                Each(flow => flow.Events),
                Each(flow => flow.LastPublishedAt),
                Each(flow => flow.Stages),
                Each(flow => flow.Attempt),
                Each(flow => flow.ChunksText),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);

        NpgsqlParameter Each<T>(Func<FlowChange, T> value) => Sql.Value(flows.Select(value).ToArray());
    }

    private static DateTime MinuteOf(long micros)
    {
        var at = UnixMicroseconds.ToTime(micros).UtcDateTime;
        return new DateTime(at.Ticks - (at.Ticks % TimeSpan.TicksPerMinute), DateTimeKind.Utc);
    }
}
