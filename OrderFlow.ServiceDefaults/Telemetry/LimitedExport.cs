using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Trace;
using OrderFlow.ServiceDefaults.Tracing;

namespace OrderFlow.ServiceDefaults.Telemetry;

/// <summary>
/// Sends spans and log lines to <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, of busy times a share: see <see cref="CollectorShare"/>.
/// </summary>
internal static class LimitedExport
{
    private const int QueueSize = 2048;
    private const int DelayMilliseconds = 1000;
    private const int TimeoutMilliseconds = 30_000;
    private const int BatchSize = 512;

    /// <summary>To be added after the Monitor's exporter, which gets all spans.</summary>
    public static void AddLimitedExport(this TracerProviderBuilder tracing) => tracing
        .ConfigureServices(services => services.TryAddSingleton(MakeShare))
        .AddProcessor(services => new ShareOfSpans(services.GetRequiredService<CollectorShare>()))
        .AddOtlpExporter();

    /// <summary>Lines outside of a trace pass always.</summary>
    public static void AddLimitedExport(this LoggerProviderBuilder logging) => logging.AddProcessor(services =>
    {
        var share = services.GetRequiredService<CollectorShare>();
        return new FilteredLogExport(
            new OtlpLogExporter(services.GetRequiredService<IOptionsMonitor<OtlpExporterOptions>>().CurrentValue),
            line => line.TraceId == default || share.Includes(line.TraceId),
            QueueSize, DelayMilliseconds, TimeoutMilliseconds, BatchSize);
    });

    private static CollectorShare MakeShare(IServiceProvider services) => new(
        services.GetRequiredService<IOptions<TelemetryOptions>>().Value.CollectorSpansPerSecond is > 0 and var limit ? limit : int.MaxValue,
        services.GetService<TimeProvider>() ?? TimeProvider.System);

    /// <summary>Takes the flag from spans that do not pass, without which the exporter after it leaves them out.</summary>
    private sealed class ShareOfSpans(CollectorShare share) : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data)
        {
            if (data.Recorded && data.Status != ActivityStatusCode.Error && !share.Passes(data.TraceId))
            {
                data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            }
        }
    }
}
