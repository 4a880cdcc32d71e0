using Npgsql;
using OrderFlow.AppHost;
using OrderFlow.Cli.Connections;

namespace OrderFlow.Cli.Observation;

/// <summary>Reads what the services' databases hold.</summary>
internal sealed partial class DatabaseReader(IReadOnlyDictionary<string, string> connectionStrings) : IAsyncDisposable
{
    private const string Stock = "SELECT id, stock FROM products";

    private const string Orders = """
        SELECT o.id, o.correlation_id, o.status, o.reason,
               (SELECT count(*) FROM order_history h WHERE h.order_id = o.id AND h.status IN ('completed', 'rejected')),
               ARRAY (SELECT l.item_id FROM order_lines l WHERE l.order_id = o.id ORDER BY l.line),
               ARRAY (SELECT l.quantity FROM order_lines l WHERE l.order_id = o.id ORDER BY l.line),
               EXISTS (SELECT FROM order_history h WHERE h.order_id = o.id AND h.status = 'refund_requested'),
               EXISTS (SELECT FROM order_history h WHERE h.order_id = o.id AND h.status = 'refunded')
        FROM orders o
        """;

    private const string Payments = "SELECT id, order_id, outcome = 'approved', refunded_at IS NOT NULL FROM payments";
    private const string Notifications = """
        SELECT event_id, order_id, subject, status = 'told', attempts,
            EXISTS (SELECT FROM inbox WHERE inbox.event_id = notifications.event_id),
            EXISTS (SELECT FROM given_up_flows WHERE given_up_flows.event_id = notifications.event_id)
        FROM notifications
        """;
    private const string Outbox = "SELECT (SELECT count(*) FROM outbox) + (SELECT coalesce(sum(events), 0) FROM outbox_batches)";
    private const string Waiting = "SELECT count(*) FROM orders WHERE status = 'awaiting_payment'";

    private const string NeedlessDeadlines =
        "SELECT count(*) FROM scheduled_events JOIN orders ON orders.id::text = token WHERE status <> 'awaiting_payment'";

    private readonly Dictionary<string, NpgsqlDataSource> _sources = connectionStrings.ToDictionary(
        entry => entry.Key, entry => NpgsqlDataSource.Create(entry.Value), StringComparer.Ordinal);

    public async Task<IReadOnlyDictionary<string, long>> StockAsync(CancellationToken cancellationToken) =>
        (await ReadAsync(ResourceNames.Orders, Stock, row => (Item: row.GetString(0), Pieces: row.GetInt64(1)), cancellationToken))
            .ToDictionary(row => row.Item, row => row.Pieces, StringComparer.Ordinal);

    public Task<List<OrderRow>> OrdersAsync(CancellationToken cancellationToken) => ReadAsync(
        ResourceNames.Orders,
        Orders,
        row => new OrderRow(
            row.GetGuid(0),
            row.GetString(1),
            row.GetString(2),
            Text(row, 3),
            (int)row.GetInt64(4),
            row.GetFieldValue<string[]>(5)
                .Zip(row.GetFieldValue<int[]>(6))
                .GroupBy(line => line.First, StringComparer.Ordinal)
                .ToDictionary(item => item.Key, item => item.Sum(line => line.Second), StringComparer.Ordinal))
        {
            IsRefundRequested = row.GetBoolean(7),
            IsRefunded = row.GetBoolean(8),
        },
        cancellationToken);

    public Task<List<PaymentRow>> PaymentsAsync(CancellationToken cancellationToken) =>
        ReadAsync(
            ResourceNames.Payments,
            Payments,
            row => new PaymentRow(row.GetGuid(0), row.GetGuid(1), row.GetBoolean(2), row.GetBoolean(3)),
            cancellationToken);

    public Task<List<NotificationRow>> NotificationsAsync(CancellationToken cancellationToken) => ReadAsync(
        ResourceNames.Notifications,
        Notifications,
        row => new NotificationRow(
            row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetBoolean(3), row.GetInt32(4), row.GetBoolean(5), row.GetBoolean(6)),
        cancellationToken);

    /// <summary>Events of each database that the broker has not confirmed yet.</summary>
    public async Task<IReadOnlyDictionary<string, long>> OutboxesAsync(CancellationToken cancellationToken)
    {
        var left = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var database in SystemResources.Databases)
        {
            left[$"outbox of {database}"] = (await ReadAsync(database, Outbox, row => row.GetInt64(0), cancellationToken))[0];
        }

        return left;
    }

    /// <summary>Orders that have ended and have a deadline nevertheless.</summary>
    public async Task<long> NeedlessDeadlinesAsync(CancellationToken cancellationToken) =>
        (await ReadAsync(ResourceNames.Orders, NeedlessDeadlines, row => row.GetInt64(0), cancellationToken))[0];

    /// <summary>Orders without an end.</summary>
    public async Task<long> WaitingAsync(CancellationToken cancellationToken) =>
        (await ReadAsync(ResourceNames.Orders, Waiting, row => row.GetInt64(0), cancellationToken))[0];

    public async ValueTask DisposeAsync()
    {
        foreach (var source in _sources.Values)
        {
            await source.DisposeAsync();
        }
    }

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private async Task<List<T>> ReadAsync<T>(
        string database, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // One of the constants above.
        await using var command = _sources[database].CreateCommand(sql);
#pragma warning restore CA2100
        command.CommandTimeout = 120;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
