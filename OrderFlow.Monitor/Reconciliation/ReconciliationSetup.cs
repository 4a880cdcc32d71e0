namespace OrderFlow.Monitor.Reconciliation;

/// <summary><c>GET /api/reconciliation</c> and the metric <c>event_flow_drift</c>.</summary>
internal static class ReconciliationSetup
{
    private static readonly TimeSpan PrometheusTimeout = TimeSpan.FromSeconds(5);

    public static void AddReconciliation(this WebApplicationBuilder builder)
    {
        builder.Services.AddHttpClient(PrometheusCounts.ClientName, client => client.Timeout = PrometheusTimeout);
        builder.Services.AddSingleton<PrometheusCounts>();
        builder.Services.AddSingleton<StoredCounts>();
        builder.Services.AddSingleton<Reconciler>();
        builder.Services.AddHostedService<ReconciliationWorker>();
    }

    public static void MapReconciliation(this WebApplication app) =>
        app.MapGet("/api/reconciliation", (Reconciler reconciler) => TypedResults.Ok(reconciler.Last));
}
