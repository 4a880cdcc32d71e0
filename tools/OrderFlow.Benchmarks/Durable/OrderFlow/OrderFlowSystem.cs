using System.Text.Json;
using Npgsql;
using OrderFlow.Benchmarks.CommandLine;
using OrderFlow.Benchmarks.Measuring.Latencies;
using OrderFlow.Benchmarks.Measuring.Samples;
using OrderFlow.Benchmarks.Running;

namespace OrderFlow.Benchmarks.Durable.OrderFlow;

/// <summary>OrderFlow itself, without simulated work. Its latencies are those that it stores with each notification.</summary>
internal sealed class OrderFlowSystem : IMeasuredSystem
{
    private readonly AppHostProcess _host;
    private readonly IReadOnlyDictionary<string, string> _connections;
    private readonly DurableDatabase _database;
    private DateTime _since;

    private OrderFlowSystem(AppHostProcess host, IReadOnlyDictionary<string, string> connections)
    {
        (_host, _connections) = (host, connections);
        _database = new(name =>
            new NpgsqlConnectionStringBuilder(_connections["orders"]) { Database = name, MaxPoolSize = 4 }.ConnectionString);
    }

    public int GatewayPort => new Uri(_connections["gateway"]).Port;

    public int HandledEvents => 4;

    /// <param name="settings">Settings of the AppHost, such as <c>--Observability:Traces=false</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<OrderFlowSystem> StartAsync(IReadOnlyList<string> settings, CancellationToken cancellationToken)
    {
        var host = await AppHostProcess.StartAsync(["--Simulation:Work=false", .. settings], cancellationToken);
        try
        {
            await using var file = File.OpenRead(host.ConnectionFile);
            var connections =
                await JsonSerializer.DeserializeAsync<Dictionary<string, string>>(file, cancellationToken: cancellationToken);
            return new(host, connections ?? throw new ComparisonException($"{host.ConnectionFile} is empty."));
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    public Task<long> CountEndedAsync(CancellationToken cancellationToken) => _database.CountEndedAsync(cancellationToken);

    public async Task ForgetLatenciesAsync(CancellationToken cancellationToken)
    {
        await using var command = _database.Notifications.CreateCommand("SELECT clock_timestamp()");
        _since = (DateTime)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async Task<LatencySummary> LatenciesAsync(CancellationToken cancellationToken)
    {
        await using var command = _database.Notifications.CreateCommand(
            "SELECT end_to_end_micros FROM notifications WHERE told_at >= $1 AND end_to_end_micros IS NOT NULL");
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = _since });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var micros = new List<long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            micros.Add(reader.GetInt64(0));
        }

        return LatencySummary.Of(micros.ToArray());
    }

    public async Task<ServerCounters?> ReadServerAsync(CancellationToken cancellationToken) =>
        await _database.ReadServerAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _host.DisposeAsync();
    }
}
