using System.Text.Json;
using Npgsql;
using OrderFlow.Benchmarks.CommandLine;
using OrderFlow.Benchmarks.Measuring.Latencies;

namespace OrderFlow.Benchmarks.Durable.OrderFlow;

/// <summary>OrderFlow itself, without simulated work. Its latencies are those that it stores with each notification.</summary>
internal sealed class OrderFlowSystem : IDurableSystem
{
    private readonly AppHostProcess _host;
    private readonly IReadOnlyDictionary<string, string> _connections;
    private readonly NpgsqlDataSource _notifications;
    private DateTime _since;

    private OrderFlowSystem(AppHostProcess host, IReadOnlyDictionary<string, string> connections)
    {
        (_host, _connections) = (host, connections);
        _notifications = NpgsqlDataSource.Create(Database(DurableSchema.Notifications));
    }

    public int GatewayPort => new Uri(_connections["gateway"]).Port;

    /// <param name="settings">Settings of the AppHost, such as <c>--Observability:Traces=false</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<OrderFlowSystem> StartAsync(IReadOnlyList<string> settings, CancellationToken cancellationToken)
    {
        var host = await AppHostProcess.StartAsync(["--Simulation:Work=false", .. settings], cancellationToken);
        try
        {
            await using var file = File.OpenRead(host.ConnectionFile);
            var connections = await JsonSerializer.DeserializeAsync<Dictionary<string, string>>(file, cancellationToken: cancellationToken);
            return new(host, connections ?? throw new ComparisonException($"{host.ConnectionFile} is empty."));
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    public string Database(string name) =>
        new NpgsqlConnectionStringBuilder(_connections["orders"]) { Database = name, MaxPoolSize = 4 }.ConnectionString;

    public async Task ForgetLatenciesAsync(CancellationToken cancellationToken)
    {
        await using var command = _notifications.CreateCommand("SELECT clock_timestamp()");
        _since = (DateTime)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async Task<LatencySummary> LatenciesAsync(CancellationToken cancellationToken)
    {
        await using var command = _notifications.CreateCommand(
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

    public async ValueTask DisposeAsync()
    {
        await _notifications.DisposeAsync();
        await _host.DisposeAsync();
    }
}
