using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Npgsql;
using OrderFlow.Benchmarks.CommandLine;

namespace OrderFlow.Benchmarks.Services;

/// <summary>
/// A RabbitMQ node and, if asked for, a PostgreSQL server, set up by the scripts of the AppHost as those of a running OrderFlow are:
/// fresh, on free ports, in a temporary directory.
/// </summary>
internal sealed class OwnNodes : IAsyncDisposable
{
    private const string User = "benchmark";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly string _directory = Directory.CreateTempSubdirectory("orderflow-benchmark-").FullName;
    private readonly string _password = RandomNumberGenerator.GetHexString(24, lowercase: true);
    private readonly int _brokerPort = FreePorts.Next();
    private readonly int _postgresPort = FreePorts.Next();
    private readonly List<NodeProcess> _nodes = [];

    private OwnNodes()
    {
    }

    /// <summary>The broker's AMQP address, with its user.</summary>
    public Uri Broker => new($"amqp://{User}:{_password}@127.0.0.1:{_brokerPort}");

    /// <param name="withPostgres">False for a broker alone.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<OwnNodes> StartAsync(bool withPostgres, CancellationToken cancellationToken)
    {
        var nodes = new OwnNodes();
        try
        {
            await nodes.StartBrokerAsync(cancellationToken);
            if (withPostgres)
            {
                await nodes.StartPostgresAsync(cancellationToken);
            }

            return nodes;
        }
        catch
        {
            await nodes.DisposeAsync();
            throw;
        }
    }

    /// <summary>The connection string of a database of the server, as its superuser.</summary>
    public string Postgres(string database) =>
        $"Host=127.0.0.1;Port={_postgresPort};Username={User};Password={_password};Database={database};Timeout=5";

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        TemporaryDirectories.Delete(_directory);
    }

    private static string Script(string path) => Path.Combine(SourceTree.Root, "OrderFlow.AppHost", path);

    private static string Port() => FreePorts.Next().ToString(CultureInfo.InvariantCulture);

    private async Task StartBrokerAsync(CancellationToken cancellationToken)
    {
        var environment = Environment("messaging");
        environment["NODE_AMQP_PORT"] = _brokerPort.ToString(CultureInfo.InvariantCulture);
        foreach (var name in new[] { "NODE_MANAGEMENT_PORT", "NODE_METRICS_PORT", "NODE_DIST_PORT", "NODE_EPMD_PORT" })
        {
            environment[name] = Port();
        }

        var node = new NodeProcess(Script("RabbitMQ/rabbitmq-node.sh"), "KILL", environment);
        _nodes.Add(node);
        // Its own word: an open port may be another node's.
        await WaitAsync(node, "RabbitMQ", () => Task.FromResult(
            node.Output.Contains("Starting broker... completed", StringComparison.Ordinal)
                || node.Output.Contains("completed with", StringComparison.Ordinal)), cancellationToken);
    }

    private async Task StartPostgresAsync(CancellationToken cancellationToken)
    {
        var environment = Environment("postgres");
        environment["NODE_PASSAGE"] = _directory;
        environment["NODE_PORT"] = _postgresPort.ToString(CultureInfo.InvariantCulture);
        var node = new NodeProcess(Script("Postgres/postgres-node.sh"), "QUIT", environment);
        _nodes.Add(node);
        await using var server = NpgsqlDataSource.Create($"{Postgres("postgres")};Pooling=false");
        await WaitAsync(node, "PostgreSQL", async () =>
        {
            try
            {
                await using var connection = await server.OpenConnectionAsync(cancellationToken);
                return true;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        }, cancellationToken);
    }

    private Dictionary<string, string> Environment(string node) => new(StringComparer.Ordinal)
    {
        ["NODE_DIRECTORY"] = Path.Combine(_directory, node),
        ["NODE_USER"] = User,
        ["NODE_PASSWORD"] = _password,
    };

    private static async Task WaitAsync(NodeProcess node, string name, Func<Task<bool>> isReady, CancellationToken cancellationToken)
    {
        for (var since = Stopwatch.StartNew(); !await isReady();)
        {
            if (node.HasExited || since.Elapsed > StartTimeout)
            {
                throw new ComparisonException($"{name} did not start. It said:\n{node.Output}");
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }
}
