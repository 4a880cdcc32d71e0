using Microsoft.Extensions.Options;
using Npgsql;
using OrderFlow.Messaging.Operations.WireTap;
using OrderFlow.Monitor.Hosting;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>
/// Stores a batch of events in one transaction: copied in binary into a staging table of the connection, and from there inserted without
/// those that are known. One batch at a time.
/// </summary>
internal sealed class EventStore(
    NpgsqlDataSource database, Partitions partitions, Retention retention, IOptions<MonitorOptions> options) : IAsyncDisposable
{
    private readonly StoringConnection _connection = new(database, partitions, EventStoreSql.MakeStaging);
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <returns>How many of each type were new.</returns>
    public async Task<IReadOnlyDictionary<string, long>> StoreAsync(
        IReadOnlyList<TappedMessage> events, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var (first, last) = (retention.FirstDay, retention.LastDay);
            var rows = events.Select(message => (Message: message, Day: EventDay.Of(message, first, last))).ToList();
            return await _connection.StoreAsync(
                rows.Select(row => row.Day.Day), connection => StoreAsync(connection, rows, cancellationToken), cancellationToken);
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

    private async Task<IReadOnlyDictionary<string, long>> StoreAsync(
        NpgsqlConnection connection, List<(TappedMessage Message, EventDay Day)> rows, CancellationToken cancellationToken)
    {
        var known = await KnownAsync(
            connection,
            [.. rows.Where(row => !row.Day.IsCertain).Select(row => row.Message.Context!.EventId).Distinct()],
            cancellationToken);
        await using (var copy = await connection.BeginBinaryImportAsync(EventStoreSql.Copy, cancellationToken))
        {
            foreach (var (message, day) in rows)
            {
                // Of two copies in the batch that may have different days, the first is the one.
                if (day.IsCertain || known.Add(message.Context!.EventId))
                {
                    await EventRow.WriteAsync(copy, day.Day, message, cancellationToken);
                }
            }

            await copy.CompleteAsync(cancellationToken);
        }

        return await MoveAsync(connection, cancellationToken);
    }

    /// <summary>
    /// Of ids that may be stored on any day, those that are. It searches the index of every partition, so it is not used for ids whose day
    /// is certain.
    /// </summary>
    private static async Task<HashSet<Guid>> KnownAsync(NpgsqlConnection connection, Guid[] ids, CancellationToken cancellationToken)
    {
        var known = new HashSet<Guid>();
        if (ids.Length == 0)
        {
            return known;
        }

        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(EventStoreSql.LockUncertain),
                new(EventStoreSql.Known) { Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = ids } } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            known.Add(reader.GetGuid(0));
        }

        return known;
    }

    private async Task<IReadOnlyDictionary<string, long>> MoveAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(EventStoreSql.Store, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.FlowDeadline },
                new NpgsqlParameter<string> { TypedValue = FlowRules.End },
                new NpgsqlParameter<string> { TypedValue = FlowRules.Completed },
                new NpgsqlParameter<string> { TypedValue = FlowRules.Rejected },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var stored = new Dictionary<string, long>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            stored.Add(reader.GetString(0), reader.GetInt64(1));
        }

        return stored;
    }
}
