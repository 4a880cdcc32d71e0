using Npgsql;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Postgres.Database;

namespace OrderFlow.NotificationService.Storage;

/// <summary>What the service itself reads and writes, apart from the transactions of events.</summary>
/// <remarks>
/// Connections of its own: a handler holds one of the bus already, and waiting for a second out of the same pool could wait forever.
/// </remarks>
internal sealed class NotificationDatabase(IConfiguration configuration) : IAsyncDisposable
{
    private const int MostConnections = 20;

    private readonly Lazy<NpgsqlDataSource> _source = new(() => Connect(configuration));

    /// <param name="sql">A constant; values are parameters.</param>
    public NpgsqlCommand CreateCommand(string sql) => _source.Value.CreateCommand(sql);

    public async ValueTask DisposeAsync()
    {
        if (_source.IsValueCreated)
        {
            await _source.Value.DisposeAsync();
        }
    }

    // That the string is there and can be read was checked when the bus's own source was made of it.
    private static NpgsqlDataSource Connect(IConfiguration configuration)
    {
        var builder = new NpgsqlDataSourceBuilder(configuration.GetConnectionString(DatabaseNames.Notifications));
        builder.ConnectionStringBuilder.ApplicationName = "notification-record";
        builder.ConnectionStringBuilder.MaxPoolSize = MostConnections;
        builder.ConnectionStringBuilder.MaxAutoPrepare = 10;
        builder.NameSpans();
        return builder.Build();
    }
}
