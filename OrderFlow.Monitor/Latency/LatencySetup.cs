using Npgsql;
using OrderFlow.Monitor.Hosting;
using OrderFlow.Monitor.Ingestion;

namespace OrderFlow.Monitor.Latency;

/// <summary>
/// <c>/api/dashboard</c>; <c>/api/latency?window=</c>, percentiles and throughput over time; <c>/api/stages?minutes=</c>, where the time
/// went;
/// <c>/api/bottleneck?minutes=</c>, what took longest. And the watch for flows that miss their deadline.
/// </summary>
internal static class LatencySetup
{
    private const int DefaultMinutes = 15;

    public static void AddLatency(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DashboardReader>();
        builder.Services.AddSingleton<LedgerReader>();
        builder.Services.AddSingleton<StageReports>();
        foreach (var window in LatencyWindow.All)
        {
            builder.Services.AddKeyedSingleton(window.Name, (services, _) => new LatencyHistory(
                window,
                services.GetRequiredService<NpgsqlDataSource>(),
                services.GetRequiredService<StoreProgress>(),
                services.GetRequiredService<TimeProvider>()));
        }

        builder.Services.AddSingleton<FlowWatch>();
        builder.Services.AddHostedService<FlowWatchWorker>();
    }

    public static void MapLatency(this WebApplication app)
    {
        app.MapGet("/api/dashboard", async (DashboardReader dashboard, CancellationToken cancellationToken) =>
            TypedResults.Ok(await dashboard.ReadAsync(cancellationToken)));
        app.MapGet("/api/latency", ReadHistoryAsync);
        app.MapGet("/api/stages", (string? minutes, StageReports reports, CancellationToken cancellationToken) =>
            ReadStagesAsync(minutes, reports, report => TypedResults.Ok(report.Breakdown), cancellationToken));
        app.MapGet("/api/bottleneck", (string? minutes, StageReports reports, CancellationToken cancellationToken) =>
            ReadStagesAsync(minutes, reports, report => TypedResults.Ok(report.Bottleneck), cancellationToken));
    }

    private static async Task<IResult> ReadHistoryAsync(string? window, IServiceProvider services, CancellationToken cancellationToken) =>
        LatencyWindow.Find(window) is { } known
            ? TypedResults.Ok(await services.GetRequiredKeyedService<LatencyHistory>(known.Name).ReadAsync(cancellationToken))
            : ApiProblem.InvalidQuery("window", $"must be one of {string.Join(", ", LatencyWindow.All.Select(one => one.Name))}");

    private static async Task<IResult> ReadStagesAsync(
        string? minutes, StageReports reports, Func<StageReport, IResult> answer, CancellationToken cancellationToken)
    {
        var asked = string.IsNullOrEmpty(minutes) ? DefaultMinutes : int.TryParse(minutes, out var number) ? number : 0;
        return asked >= 1 && asked <= StageReports.Longest
            ? answer(await reports.ReadAsync(asked, cancellationToken))
            : ApiProblem.InvalidQuery("minutes", $"must be a number from 1 to {StageReports.Longest}");
    }
}
