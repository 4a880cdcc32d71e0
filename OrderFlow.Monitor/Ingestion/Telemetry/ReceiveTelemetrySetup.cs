namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary><c>POST /v1/traces</c> and <c>/v1/logs</c>: OTLP over HTTP, in protobuf or JSON.</summary>
internal static class ReceiveTelemetrySetup
{
    public const string Traces = "/v1/traces";
    public const string Logs = "/v1/logs";
    public const string Metrics = "/v1/metrics";

    public static void AddReceiveTelemetry(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IngestKey>();
        builder.Services.AddSingleton<OtlpReading>();
        builder.Services.AddSingleton<TelemetryBuffer>();
        builder.Services.AddSingleton<TelemetryStore>();
        builder.Services.AddSingleton<TelemetryReceiver>();
        builder.Services.AddSingleton<TelemetryWriter>();
        builder.Services.AddHostedService(services => services.GetRequiredService<TelemetryWriter>());
    }

    public static void MapReceiveTelemetry(this WebApplication app)
    {
        app.MapPost(Traces, (HttpRequest request, TelemetryReceiver receiver) => receiver.ReceiveSpansAsync(request));
        app.MapPost(Logs, (HttpRequest request, TelemetryReceiver receiver) => receiver.ReceiveLogsAsync(request));
        app.MapPost(Metrics, (HttpRequest request, TelemetryReceiver receiver) => receiver.ReceiveOther(request));
    }
}
