using OrderFlow.Tests.Support.Postgres;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace OrderFlow.Tests.Support.Postgres;

/// <summary>The server that the durability tests share, each with a database of its own; started by the first that asks.</summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresServer>> _server = new(PostgresServer.StartNewAsync);

    internal async Task<TestDatabase> CreateDatabaseAsync() => await (await _server.Value).CreateDatabaseAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
        {
            await (await _server.Value).DisposeAsync();
        }
    }
}
