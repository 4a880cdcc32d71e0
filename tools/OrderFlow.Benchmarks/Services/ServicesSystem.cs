using System.Globalization;
using System.Text.Json;
using OrderFlow.Benchmarks.CommandLine;
using OrderFlow.Benchmarks.Durable;
using OrderFlow.Benchmarks.Measuring.Latencies;
using OrderFlow.Benchmarks.Measuring.Samples;
using OrderFlow.Benchmarks.Running;

namespace OrderFlow.Benchmarks.Services;

/// <summary>
/// A system whose services are those of OrderFlow.Benchmarks.Services, with a broker and, if it is durable, a database server of its own.
/// </summary>
internal sealed class ServicesSystem : IMeasuredSystem
{
    private const string Gateway = "gateway";
    private const int DurableHops = 4;

    private readonly string _implementation;
    private readonly OwnNodes _nodes;
    private readonly DurableDatabase? _database;
    private readonly Dictionary<string, ServiceProcess> _services = new(StringComparer.Ordinal);
    private string _last = "";

    private ServicesSystem(string implementation, OwnNodes nodes, bool isDurable)
    {
        (_implementation, _nodes) = (implementation, nodes);
        _database = isDurable ? new(nodes.Postgres) : null;
    }

    public int GatewayPort { get; } = FreePorts.Next();

    public int HandledEvents => _database is null ? _services.Count - 1 : DurableHops;

    /// <summary>Starts broker, database server and services, and waits until they are ready.</summary>
    /// <param name="implementation">Such as <c>bare</c>.</param>
    /// <param name="services">The services behind the Gateway, the last first.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task<ServicesSystem> StartDurableAsync(
        string implementation, IReadOnlyList<string> services, CancellationToken cancellationToken) =>
        StartAsync(implementation, services, isDurable: true, cancellationToken);

    /// <summary>The same without a database.</summary>
    public static Task<ServicesSystem> StartVolatileAsync(
        string implementation, IReadOnlyList<string> services, CancellationToken cancellationToken) =>
        StartAsync(implementation, services, isDurable: false, cancellationToken);

    /// <summary>The connection string of a database.</summary>
    public string Database(string name) => _nodes.Postgres(name);

    public async Task<long> CountEndedAsync(CancellationToken cancellationToken) => _database is null
        ? long.Parse(await Last.AskAsync("count", cancellationToken), CultureInfo.InvariantCulture)
        : await _database.CountEndedAsync(cancellationToken);

    public async Task ForgetLatenciesAsync(CancellationToken cancellationToken) => await Last.AskAsync("reset", cancellationToken);

    public async Task<LatencySummary> LatenciesAsync(CancellationToken cancellationToken) =>
        JsonSerializer.Deserialize<LatencySummary>(await Last.AskAsync("latencies", cancellationToken))!;

    public async Task<ServerCounters?> ReadServerAsync(CancellationToken cancellationToken) =>
        _database is null ? null : await _database.ReadServerAsync(cancellationToken);

    /// <summary>Kills a service and starts it again.</summary>
    public async Task CrashAsync(string role, CancellationToken cancellationToken)
    {
        await _services[role].DisposeAsync();
        _services.Remove(role);
        await StartServiceAsync(role, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services.Values)
        {
            await service.DisposeAsync();
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        await _nodes.DisposeAsync();
    }

    private ServiceProcess Last => _services[_last];

    private static async Task<ServicesSystem> StartAsync(
        string implementation, IReadOnlyList<string> services, bool isDurable, CancellationToken cancellationToken)
    {
        var nodes = await OwnNodes.StartAsync(isDurable, cancellationToken);
        var system = new ServicesSystem(implementation, nodes, isDurable) { _last = services[0] };
        try
        {
            if (isDurable)
            {
                await DurableSchema.CreateAsync(nodes.Postgres, cancellationToken);
            }

            foreach (var role in services.Append(Gateway))
            {
                await system.StartServiceAsync(role, cancellationToken);
            }

            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    private async Task StartServiceAsync(string role, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["BENCHMARK_BROKER"] = _nodes.Broker.ToString() };
        if (_database is not null)
        {
            environment["BENCHMARK_POSTGRES"] = _nodes.Postgres("postgres");
        }

        _services[role] = await ServiceProcess.StartAsync(_implementation, role, GatewayPort, environment, cancellationToken);
    }
}
