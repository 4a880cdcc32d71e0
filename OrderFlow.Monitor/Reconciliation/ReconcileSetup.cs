namespace OrderFlow.Monitor.Reconciliation;

/// <summary><c>GET /api/reconciliation</c> and the metric <c>event_flow_drift</c>.</summary>
internal static class ReconcileSetup
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static void AddReconcile(this WebApplicationBuilder builder)
    {
        builder.Services.AddHttpClient(EffectCounts.ClientName, client => client.Timeout = Patience);
        builder.Services.AddSingleton<EffectCounts>();
        builder.Services.AddSingleton<StoredCounts>();
        builder.Services.AddSingleton<AccountReconciler>();
        builder.Services.AddHostedService<ReconciliationWorker>();
    }

    public static void MapReconcile(this WebApplication app) => app.MapGet("/api/reconciliation", (AccountReconciler reconciliation) => TypedResults.Ok(reconciliation.Last));
}
