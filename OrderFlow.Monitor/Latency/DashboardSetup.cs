namespace OrderFlow.Monitor.Latency;

/// <summary><c>GET /api/dashboard</c>.</summary>
internal static class DashboardSetup
{
    public static void AddDashboard(this WebApplicationBuilder builder) => builder.Services.AddSingleton<DashboardReader>();

    public static void MapDashboard(this WebApplication app) =>
        app.MapGet("/api/dashboard", async (DashboardReader dashboard, CancellationToken cancellationToken) => TypedResults.Ok(await dashboard.ReadAsync(cancellationToken)));
}
