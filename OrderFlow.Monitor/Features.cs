using OrderFlow.Monitor.DeadLetters;
using OrderFlow.Monitor.Ingestion;
using OrderFlow.Monitor.Ingestion.Telemetry;
using OrderFlow.Monitor.Latency;
using OrderFlow.Monitor.Orders;
using OrderFlow.Monitor.Reconciliation;
using OrderFlow.Monitor.Traces;

namespace OrderFlow.Monitor;

/// <summary>What the Monitor does, a folder each; pages and access are beside it.</summary>
internal static class Features
{
    public static void AddRooms(this WebApplicationBuilder builder)
    {
        builder.AddStoreEvents();
        builder.AddFollowFailures();
        builder.AddWatchOpenFlows();
        builder.AddDashboard();
        builder.AddLatency();
        builder.AddFindBottleneck();
        builder.AddResolveDeadLetters();
        builder.AddReconcile();
        builder.AddReceiveTelemetry();
        builder.AddFollowTraces();
        builder.AddCompareTraces();
    }

    public static void MapRooms(this WebApplication app)
    {
        app.MapTraceCorrelation();
        app.MapFollowOrder();
        app.MapSearchOrders();
        app.MapWatchOpenFlows();
        app.MapDashboard();
        app.MapLatency();
        app.MapFindBottleneck();
        app.MapResolveDeadLetters();
        app.MapReconcile();
        app.MapReceiveTelemetry();
        app.MapFollowTraces();
        app.MapCompareTraces();
    }
}
