using OrderFlow.Monitor.Security;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary><c>POST /v1/traces</c> and <c>/v1/logs</c>: OTLP over HTTP, in protobuf or JSON.</summary>
internal static class TelemetrySetup
{
    private const string Traces = "/v1/traces";
    private const string Logs = "/v1/logs";
    private const string Metrics = "/v1/metrics";

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        // Services send with a key of their own, which opens nothing else.
        builder.Services.Configure<AccessOptions>(access => access.OpenPaths.UnionWith([Traces, Logs, Metrics]));
        builder.Services.AddSingleton<IngestKey>();
        builder.Services.AddSingleton<Senders>();
        builder.Services.AddSingleton<OtlpReader>();
        builder.Services.AddSingleton<TelemetryBuffer>();
        builder.Services.AddSingleton<OperationStatistics>();
        builder.Services.AddSingleton<TraceBuffer>();
        builder.Services.AddSingleton<TelemetryStore>();
        builder.Services.AddSingleton<TelemetryReceiver>();
        builder.Services.AddSingleton<TelemetryWriter>();
        builder.Services.AddHostedService(services => services.GetRequiredService<TelemetryWriter>());
    }

    public static void MapTelemetry(this WebApplication app)
    {
        app.MapPost(Traces, (HttpRequest request, TelemetryReceiver receiver) => receiver.ReceiveSpansAsync(request));
        app.MapPost(Logs, (HttpRequest request, TelemetryReceiver receiver) => receiver.ReceiveLogsAsync(request));
        app.MapPost(Metrics, (HttpRequest request, TelemetryReceiver receiver) => receiver.ReceiveOther(request));
    }
}
