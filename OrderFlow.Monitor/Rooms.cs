using OrderFlow.Monitor.CompareTraces;
using OrderFlow.Monitor.Dashboard;
using OrderFlow.Monitor.FindBottleneck;
using OrderFlow.Monitor.FollowFailures;
using OrderFlow.Monitor.FollowOrder;
using OrderFlow.Monitor.FollowTraces;
using OrderFlow.Monitor.Latency;
using OrderFlow.Monitor.ReceiveTelemetry;
using OrderFlow.Monitor.Reconcile;
using OrderFlow.Monitor.ResolveDeadLetters;
using OrderFlow.Monitor.SearchOrders;
using OrderFlow.Monitor.StoreEvents;
using OrderFlow.Monitor.TraceCorrelation;
using OrderFlow.Monitor.WatchOpenFlows;

namespace OrderFlow.Monitor;

/// <summary>What the Monitor does, a folder each; pages and access are beside it.</summary>
internal static class Rooms
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
