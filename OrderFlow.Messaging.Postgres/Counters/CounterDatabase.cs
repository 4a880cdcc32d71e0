using Npgsql;

namespace OrderFlow.Messaging.Postgres.Counters;

/// <summary>
/// Where the session of <see cref="CounterLeader"/> comes from: not from the pool, which would keep the session, and with it the lock,
/// when it is closed.
/// </summary>
internal sealed class CounterDatabase(NpgsqlDataSource database) : IAsyncDisposable
{
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) =>
        await database.OpenConnectionAsync(cancellationToken);

    public ValueTask DisposeAsync() => database.DisposeAsync();
}
