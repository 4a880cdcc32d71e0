using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Trace;

namespace OrderFlow.ServiceDefaults.Telemetry;

/// <summary>
/// Sends spans, and what is logged within them, to the system's Monitor: besides <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, not instead of it.
/// A queue of its own takes them in, and drops what the Monitor does not take.
/// </summary>
internal static class MonitorExport
{
    private const int QueueSize = 4096;
    private const int BatchSize = 512;
    private const int DelayMilliseconds = 1000;
    private const int TimeoutMilliseconds = 2000;

    public static void AddMonitorExport(this TracerProviderBuilder tracing) => tracing.AddProcessor(services =>
        new BatchActivityExportProcessor(
            new OtlpTraceExporter(Options(services, "traces")), QueueSize, DelayMilliseconds, TimeoutMilliseconds, BatchSize));

    public static void AddMonitorExport(this LoggerProviderBuilder logging) => logging.AddProcessor(services =>
        new FilteredLogExport(
            new OtlpLogExporter(Options(services, "logs")),
            IsOfSampledTrace,
            QueueSize,
            DelayMilliseconds,
            TimeoutMilliseconds,
            BatchSize));

    /// <summary>The rest is in the service's own log.</summary>
    private static bool IsOfSampledTrace(LogRecord line) => line.TraceFlags.HasFlag(ActivityTraceFlags.Recorded);

    private static OtlpExporterOptions Options(IServiceProvider services, string signal)
    {
        var options = services.GetRequiredService<IOptions<TelemetryOptions>>().Value;
        return new OtlpExporterOptions
        {
            Protocol = OtlpExportProtocol.HttpProtobuf,
            Endpoint = new Uri($"{options.MonitorEndpoint!.TrimEnd('/')}/v1/{signal}"),
            Headers = $"Authorization=Bearer%20{Uri.EscapeDataString(options.MonitorKey ?? "")}",
            TimeoutMilliseconds = TimeoutMilliseconds,
        };
    }
}
