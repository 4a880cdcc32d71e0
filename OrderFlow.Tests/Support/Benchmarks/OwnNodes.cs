using OrderFlow.Tests.Support.Postgres;
using OrderFlow.Tests.Support.RabbitMQ;

namespace OrderFlow.Tests.Support.Benchmarks;

/// <summary>
/// A RabbitMQ node and, if asked for, a PostgreSQL server of a benchmark's own, set up by the scripts of the AppHost as those of a
/// running system are: fresh, on free ports, in temporary directories, and gone with the benchmark.
/// </summary>
public sealed class OwnNodes : IAsyncDisposable
{
    private readonly RabbitNode _broker = new();
    private PostgresServer? _postgres;

    private OwnNodes()
    {
    }

    /// <summary>The broker's AMQP address, with its user.</summary>
    public Uri Broker => new(_broker.ConnectionString);

    /// <param name="withPostgres">False for a broker alone.</param>
    public static async Task<OwnNodes> StartAsync(bool withPostgres = true)
    {
        var nodes = new OwnNodes();
        try
        {
            await nodes._broker.StartAsync();
            nodes._postgres = withPostgres ? await PostgresServer.StartNewAsync() : null;
            return nodes;
        }
        catch
        {
            await nodes.DisposeAsync();
            throw;
        }
    }

    /// <summary>The connection string of a database of the server, as its superuser.</summary>
    public string Postgres(string database) => _postgres?.ConnectionString(database)
        ?? throw new InvalidOperationException("There is no database server: the broker alone was started.");

    public async ValueTask DisposeAsync()
    {
        await _broker.DisposeAsync();
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }
}
