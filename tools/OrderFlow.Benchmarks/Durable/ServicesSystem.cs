using System.Text.Json;
using OrderFlow.Benchmarks.CommandLine;
using OrderFlow.Benchmarks.Measuring.Latencies;
using OrderFlow.Tests.Support.Benchmarks;

namespace OrderFlow.Benchmarks.Durable;

/// <summary>An implementation whose services are those of OrderFlow.Benchmarks.Services, with nodes of its own.</summary>
internal sealed class ServicesSystem : IDurableSystem
{
    /// <summary>The last first: each finds the next one's queue.</summary>
    private static readonly string[] Roles = ["notification-service", "payment-service", "order-service", "gateway"];

    private readonly string _implementation;
    private readonly OwnNodes _nodes;
    private readonly Dictionary<string, ServiceProcess> _services = new(StringComparer.Ordinal);

    private ServicesSystem(string implementation, OwnNodes nodes) => (_implementation, _nodes) = (implementation, nodes);

    public int GatewayPort { get; } = FreePorts.Next();

    /// <summary>Starts broker, database and services, and waits until they are ready.</summary>
    public static async Task<ServicesSystem> StartAsync(string implementation, CancellationToken cancellationToken)
    {
        var nodes = await OwnNodes.StartAsync();
        var system = new ServicesSystem(implementation, nodes);
        try
        {
            await DurableSchema.CreateAsync(nodes.Postgres, cancellationToken);
            foreach (var role in Roles)
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

    public string Database(string name) => _nodes.Postgres(name);

    public async Task ForgetLatenciesAsync(CancellationToken cancellationToken) => await Last.AskAsync("reset", cancellationToken);

    public async Task<LatencySummary> LatenciesAsync(CancellationToken cancellationToken) =>
        JsonSerializer.Deserialize<LatencySummary>(await Last.AskAsync("latencies", cancellationToken))!;

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

        await _nodes.DisposeAsync();
    }

    private ServiceProcess Last => _services["notification-service"];

    private async Task StartServiceAsync(string role, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["BENCHMARK_BROKER"] = _nodes.Broker.ToString(),
            ["BENCHMARK_POSTGRES"] = _nodes.Postgres("postgres"),
        };
        _services[role] = await ServiceProcess.StartAsync(_implementation, role, GatewayPort, environment, cancellationToken);
    }
}
