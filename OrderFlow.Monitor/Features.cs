using OrderFlow.Monitor.Alerts;
using OrderFlow.Monitor.Anomalies;
using OrderFlow.Monitor.DeadLetters;
using OrderFlow.Monitor.Ingestion;
using OrderFlow.Monitor.Ingestion.Telemetry;
using OrderFlow.Monitor.Latency;
using OrderFlow.Monitor.Orders;
using OrderFlow.Monitor.Processes;
using OrderFlow.Monitor.Reconciliation;
using OrderFlow.Monitor.Traces;

namespace OrderFlow.Monitor;

/// <summary>The features of the Monitor, a folder each. Each may use those added before it, never those added after it.</summary>
internal static class Features
{
    public static void AddFeatures(this WebApplicationBuilder builder)
    {
        builder.AddIngestion();
        builder.AddTelemetry();
        builder.AddLatency();
        builder.AddOrders();
        builder.AddTraces();
        builder.AddDeadLetters();
        builder.AddReconciliation();
        builder.AddProcesses();
        builder.AddAlerts();
        builder.AddAnomalies();
    }

    public static void MapFeatures(this WebApplication app)
    {
        app.MapTelemetry();
        app.MapLatency();
        app.MapOrders();
        app.MapTraces();
        app.MapDeadLetters();
        app.MapReconciliation();
        app.MapProcesses();
        app.MapAlerts();
        app.MapAnomalies();
    }
}
