using Npgsql;
using OrderFlow.NotificationService.NotifyCustomer;
using OrderFlow.NotificationService.Storage;

namespace OrderFlow.NotificationService.RecordNotification;

/// <summary>
/// Remembers who was told what. Each note is committed by itself at once, apart from the transaction of the event: what a customer has
/// heard cannot be rolled back, so neither may the note of it.
/// </summary>
/// <remarks>
/// Connections of its own: a handler holds one of the bus already, and waiting for a second out of the same pool could wait forever.
/// </remarks>
internal sealed class NotificationRecord(IConfiguration configuration, TimeProvider time) : IAsyncDisposable
{
    private const int MostConnections = 20;

    private const string Telling = """
        INSERT INTO notifications (event_id, order_id, user_id, subject, channel, status, begun_at)
        VALUES ($1, $2, $3, $4, $5, 'telling', $6)
        ON CONFLICT (event_id) DO UPDATE SET attempts = notifications.attempts + 1
        RETURNING status = 'told', end_to_end_micros
        """;

    private const string Told = """
        INSERT INTO notifications (event_id, order_id, user_id, subject, channel, status, begun_at, told_at, end_to_end_micros)
        VALUES ($1, $2, $3, $4, $5, 'told', $6, $6, $7)
        ON CONFLICT (event_id) DO UPDATE SET status = 'told', channel = excluded.channel, told_at = excluded.told_at, end_to_end_micros = excluded.end_to_end_micros
        WHERE notifications.status = 'telling'
        """;

    private const string Find = "SELECT end_to_end_micros FROM notifications WHERE event_id = $1 AND status = 'told'";

    private readonly Lazy<NpgsqlDataSource> _database = new(() => Connect(configuration));

    /// <summary>Notes that the customer is about to be told.</summary>
    /// <returns>How long the flow took when they were told already; <see langword="null"/> when they were not.</returns>
    public async Task<long?> BeginAsync(CustomerMessage message, ICustomerChannel channel, CancellationToken cancellationToken)
    {
        await using var command = channel.ReachesOutside ? Command(Telling, message, channel) : _database.Value.CreateCommand(Find);
        if (!channel.ReachesOutside)
        {
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = message.Id });
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) switch
        {
            true when channel.ReachesOutside => reader.GetBoolean(0) ? reader.GetInt64(1) : null,
            true => reader.GetInt64(0),
            false => null,
        };
    }

    /// <summary>Notes that the customer was told.</summary>
    /// <returns>False when that was noted before, by another replica that handled the same delivery at the same moment.</returns>
    public async Task<bool> CompleteAsync(CustomerMessage message, ICustomerChannel channel, long endToEndMicros)
    {
        await using var command = Command(Told, message, channel);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = endToEndMicros });
        // Not given up by a stop: the customer knows already.
        return await command.ExecuteNonQueryAsync(CancellationToken.None) == 1;
    }

    public async ValueTask DisposeAsync()
    {
        if (_database.IsValueCreated)
        {
            await _database.Value.DisposeAsync();
        }
    }

    private NpgsqlCommand Command(string sql, CustomerMessage message, ICustomerChannel channel)
    {
#pragma warning disable CA2100 // One of the constants above; values are parameters.
        var command = _database.Value.CreateCommand(sql);
#pragma warning restore CA2100
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = message.Id });
        foreach (var text in (ReadOnlySpan<string>)[message.OrderId, message.UserId, message.Kind, channel.Name])
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = text });
        }

        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = time.GetUtcNow() });
        return command;
    }

    // That the string is there and can be read was checked when the bus's own source was made of it.
    private static NpgsqlDataSource Connect(IConfiguration configuration) => NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(configuration.GetConnectionString(StorageSetup.Database))
        {
            ApplicationName = "notification-record",
            MaxPoolSize = MostConnections,
            MaxAutoPrepare = 10,
        });
}
