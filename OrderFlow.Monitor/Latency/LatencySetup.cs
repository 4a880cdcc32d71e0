using Npgsql;
using OrderFlow.Monitor.Ingestion;

namespace OrderFlow.Monitor.Latency;

/// <summary><c>GET /api/latency?window=</c>: percentiles, throughput and buckets over time.</summary>
internal static class LatencySetup
{
    public static void AddLatency(this WebApplicationBuilder builder)
    {
        foreach (var window in LatencyWindow.All)
        {
            builder.Services.AddKeyedSingleton(window.Name, (services, _) => new LatencyHistory(
                window, services.GetRequiredService<NpgsqlDataSource>(), services.GetRequiredService<StoreProgress>(), services.GetRequiredService<TimeProvider>()));
        }
    }

    public static void MapLatency(this WebApplication app) => app.MapGet("/api/latency", async (string? window, IServiceProvider services, CancellationToken cancellationToken) =>
        LatencyWindow.Find(window) is { } known
            ? TypedResults.Ok(await services.GetRequiredKeyedService<LatencyHistory>(known.Name).ReadAsync(cancellationToken))
            : Api.Refuse(new Dictionary<string, string[]>(StringComparer.Ordinal) { ["window"] = [$"must be one of {string.Join(", ", LatencyWindow.All.Select(one => one.Name))}"] }));
}
