using Npgsql;
using NpgsqlTypes;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>Writes chunks, copied in binary, and where the events are whose ids say no time.</summary>
internal static class ChunkWriter
{
    public static async Task WriteAsync(NpgsqlConnection connection, EventChunks chunks, CancellationToken cancellationToken)
    {
        await using (var copy = await connection.BeginBinaryImportAsync(EventStoreSql.CopyChunks, cancellationToken))
        {
            foreach (var (id, events) in chunks.All)
            {
                var (ids, data) = EventChunk.Pack([.. events.Select(row => row.Event)]);
                await copy.StartRowAsync(cancellationToken);
                await copy.WriteAsync(id, NpgsqlDbType.Bigint, cancellationToken);
                await copy.WriteAsync(events.Count, NpgsqlDbType.Integer, cancellationToken);
                await copy.WriteAsync(ids, NpgsqlDbType.Bytea, cancellationToken);
                await copy.WriteAsync(data, NpgsqlDbType.Bytea, cancellationToken);
            }

            await copy.CompleteAsync(cancellationToken);
        }

        await AddForeignAsync(connection, chunks, cancellationToken);
    }

    private static async Task AddForeignAsync(NpgsqlConnection connection, EventChunks chunks, CancellationToken cancellationToken)
    {
        var foreign = chunks.All
            .SelectMany(chunk => chunk.Events.Where(row => !row.Slot.IsOfId).Select(row => (chunk.Id, Row: row))).ToList();
        if (foreign.Count == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand(EventStoreSql.AddForeign, connection)
        {
            Parameters =
            {
                Sql.Value(foreign.Select(one => ChunkId.DayOf(one.Row.Slot.Number)).ToArray()),
                Sql.Value(foreign.Select(one => one.Row.Event.EventId).ToArray()),
                Sql.Value(foreign.Select(one => one.Id).ToArray()),
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
