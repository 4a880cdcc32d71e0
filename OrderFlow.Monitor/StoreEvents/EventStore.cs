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
    private readonly HashSet<DateOnly> _days = [];
    private readonly SemaphoreSlim _gate = new(1, 1);
    private NpgsqlConnection? _connection;

    /// <returns>How many of each type were new.</returns>
    public async Task<IReadOnlyDictionary<string, long>> StoreAsync(IReadOnlyList<TappedMessage> events, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await MakePartitionsAsync(events, cancellationToken);
            _connection ??= await OpenAsync(cancellationToken);
            return await StoreAsync(_connection, events, cancellationToken);
        }
        catch
        {
            // Whatever state the connection is in, and whoever dropped a partition meanwhile: the next batch begins afresh.
            _days.Clear();
            await CloseAsync();
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _gate.Dispose();
    }

    private static DateOnly DayOf(TappedMessage message) => Retention.Day(UnixMicroseconds.ToTime(message.Context!.PublishedAtMicros));

    private async Task MakePartitionsAsync(IReadOnlyList<TappedMessage> events, CancellationToken cancellationToken)
    {
        var missing = events.Select(DayOf).Distinct().Where(day => !_days.Contains(day)).ToList();
        if (missing.Count > 0)
        {
            await partitions.MakeAsync(missing, cancellationToken);
            _days.UnionWith(missing);
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = new NpgsqlCommand(StoreSql.MakeStaging, connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task CloseAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    private async Task<IReadOnlyDictionary<string, long>> StoreAsync(NpgsqlConnection connection, IReadOnlyList<TappedMessage> events, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
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

        var stored = await MoveAsync(connection, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return stored;
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
