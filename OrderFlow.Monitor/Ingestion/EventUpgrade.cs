using Npgsql;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Monitor.Hosting;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>
/// Packs what an older version stored, a row for each event, into chunks: a day in a transaction, before the first new event is stored. Of
/// several replicas one does it, and the others wait.
/// </summary>
internal sealed class EventUpgrade(NpgsqlDataSource database, Partitions partitions, Retention retention, ILogger<EventUpgrade> logger)
{
    /// <summary>Events that are packed at once.</summary>
    private const int AtOnce = 5000;

    private const string Days = """
        SELECT child.relname::text FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
        WHERE inhparent = to_regclass('old_events') ORDER BY child.relname
        """;

    private const string Columns =
        "event_id, correlation_id, causation_id, wire_type, version, source, aggregate_id, tenant_id, user_id, flow, origin, published_at, "
        + "attempt, replayed, traceparent, flow_attempt, headers::text, body";

    private const string AddChunks = """
        UPDATE flows SET chunks = flows.chunks || one.chunks::bigint[]
        FROM unnest($1::text[], $2::text[], $3::text[]) AS one (correlation_id, aggregate_id, chunks)
        WHERE flows.correlation_id = one.correlation_id AND flows.aggregate_id = one.aggregate_id
        """;

    private bool _isDone;

    /// <summary>Returns when nothing is left to pack.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_isDone)
        {
            return;
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        while (await PackDayAsync(connection, cancellationToken))
        {
            // A transaction each.
        }

        _isDone = true;
    }

    private async Task<bool> PackDayAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var (first, last) = (retention.FirstDay, retention.LastDay);
        await partitions.MakeAsync(Enumerable.Range(0, last.DayNumber - first.DayNumber + 1).Select(first.AddDays), cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, EventStoreSql.Lock, cancellationToken);
        if (await NextDayAsync(connection, cancellationToken) is not { } table)
        {
            await ExecuteAsync(connection, "DROP TABLE IF EXISTS old_events", cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return false;
        }

        var packed = 0L;
        await ExecuteAsync(
            connection, $"DECLARE old NO SCROLL CURSOR FOR SELECT {Columns} FROM {table} ORDER BY correlation_id, published_at",
            cancellationToken);
        while (await FetchAsync(connection, cancellationToken) is { Count: > 0 } events)
        {
            await PackAsync(connection, events, first, last, cancellationToken);
            packed += events.Count;
        }

        await ExecuteAsync(connection, "CLOSE old", cancellationToken);
        await ExecuteAsync(connection, $"DROP TABLE {table}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Log.Upgraded(logger, $"{packed} events of {table} are packed into chunks");
        return true;
    }

    private static async Task<string?> NextDayAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Days, connection);
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    private static async Task<List<StoredEvent>> FetchAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"FETCH {AtOnce} FROM old", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<StoredEvent>();
        while (await reader.ReadAsync(cancellationToken))
        {
            events.Add(new StoredEvent(
                reader.GetGuid(0), reader.GetString(1), reader.IdOrNull(2), reader.GetString(3), reader.GetInt32(4), reader.TextOrNull(5),
                reader.TextOrNull(6), reader.TextOrNull(7), reader.TextOrNull(8), reader.GetString(9),
                UnixMicroseconds.From(reader.Time(10)), UnixMicroseconds.From(reader.Time(11)), reader.GetInt32(12), reader.GetBoolean(13),
                reader.TextOrNull(14), reader.TextOrNull(15), reader.TextOrNull(16), reader.GetFieldValue<byte[]>(17)));
        }

        return events;
    }

    private static async Task PackAsync(
        NpgsqlConnection connection, List<StoredEvent> events, DateOnly first, DateOnly last, CancellationToken cancellationToken)
    {
        await using var next = new NpgsqlCommand(EventStoreSql.NextBatch, connection);
        var batch = (long)(await next.ExecuteScalarAsync(cancellationToken))!;
        var kept = events
            .Where(one => Retention.Day(UnixMicroseconds.ToTime(one.PublishedMicros)) is var day && day >= first && day <= last)
            .Select(one => (one, EventSlot.Of(one, first, last))).ToList();
        var chunks = EventChunks.Of(kept, batch);
        await ChunkWriter.WriteAsync(connection, chunks, cancellationToken);
        var flows = chunks.Flows(first);
        await using var command = new NpgsqlCommand(AddChunks, connection)
        {
            Parameters =
            {
                Sql.Value(flows.Select(flow => flow.CorrelationId).ToArray()),
                Sql.Value(flows.Select(flow => flow.AggregateId).ToArray()),
                Sql.Value(flows.Select(flow => flow.ChunksText).ToArray()),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Constants, and names of tables from the catalog.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
