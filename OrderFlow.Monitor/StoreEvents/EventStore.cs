using Microsoft.Extensions.Options;
using Npgsql;
using OrderFlow.Messaging;
using OrderFlow.Messaging.Tapping;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.StoreEvents;

/// <summary>
/// Stores a batch of events in one transaction: copied in binary into a staging table of the connection, and from there inserted without
/// those that are known. One batch at a time.
/// </summary>
internal sealed class EventStore(NpgsqlDataSource database, Partitions partitions, IOptions<MonitorOptions> options) : IAsyncDisposable
{
    private readonly StoringConnection _connection = new(database, partitions, StoreSql.MakeStaging);
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <returns>How many of each type were new.</returns>
    public async Task<IReadOnlyDictionary<string, long>> StoreAsync(IReadOnlyList<TappedMessage> events, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return await _connection.StoreAsync(events.Select(DayOf), connection => StoreAsync(connection, events, cancellationToken), cancellationToken);
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

    private static DateOnly DayOf(TappedMessage message) => Retention.Day(UnixMicroseconds.ToTime(message.Context!.PublishedAtMicros));

    private async Task<IReadOnlyDictionary<string, long>> StoreAsync(NpgsqlConnection connection, IReadOnlyList<TappedMessage> events, CancellationToken cancellationToken)
    {
        var known = await KnownBeforeAsync(connection, events, cancellationToken);
        await using (var copy = await connection.BeginBinaryImportAsync(StoreSql.Copy, cancellationToken))
        {
            foreach (var message in events)
            {
                if (!known.Contains(message.Context!.EventId))
                {
                    await EventRow.WriteAsync(copy, DayOf(message), message, cancellationToken);
                }
            }

            await copy.CompleteAsync(cancellationToken);
        }

        return await MoveAsync(connection, cancellationToken);
    }

    /// <summary>
    /// Of the ids that may have come on an earlier day, those that did. An id that says its time is published within moments, so only
    /// around midnight is it asked for; one that was derived, from an idempotency key, can come again at any time.
    /// </summary>
    private static async Task<HashSet<Guid>> KnownBeforeAsync(NpgsqlConnection connection, IReadOnlyList<TappedMessage> events, CancellationToken cancellationToken)
    {
        var suspects = events.Where(MayBeOfAnEarlierDay).ToList();
        var known = new HashSet<Guid>();
        if (suspects.Count == 0)
        {
            return known;
        }

        await using var command = new NpgsqlCommand(StoreSql.KnownBefore, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid[]> { TypedValue = [.. suspects.Select(message => message.Context!.EventId).Distinct()] },
                new NpgsqlParameter<DateOnly> { TypedValue = suspects.Max(DayOf) },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            known.Add(reader.GetGuid(0));
        }

        return known;
    }

    private static bool MayBeOfAnEarlierDay(TappedMessage message) =>
        message.Context!.EventId.Version != 7 || UnixMicroseconds.ToTime(message.Context.PublishedAtMicros).Hour == 0;

    private async Task<IReadOnlyDictionary<string, long>> MoveAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(StoreSql.Store, connection)
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
