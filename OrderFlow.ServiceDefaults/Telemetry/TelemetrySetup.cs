using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using OrderFlow.ServiceDefaults.Metrics;
using OrderFlow.ServiceDefaults.Tracing;

namespace OrderFlow.ServiceDefaults.Telemetry;

internal static class TelemetrySetup
{
    private const string OwnSignals = "OrderFlow.*";

    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<TelemetryOptions>().BindConfiguration(TelemetryOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TelemetryOptions>, TelemetryOptionsValidator>();
        services.AddSingleton<TraceSampling>();
        services.AddSingleton<DistributedContextPropagator, HttpEdgePropagator>();
        services.AddSingleton<ScrapeExporter>();
        services.AddSingleton<SdkTrouble>();

        var telemetry = new TelemetryBuilder(services)
            .ConfigureResource(resource => resource.DescribeService(builder))
            .WithTracing(tracing => tracing
                .AddSource(OwnSignals, "System.Net.Http", "Npgsql")
                .AddHttpServerTracing()
                .AddProcessor(new FailedSpans())
                .SetSampler(provider => provider.GetRequiredService<TraceSampling>().Sampler))
            .WithMetrics(metrics => metrics
                .AddMeter(OwnSignals, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
                .AddMeter("System.Runtime", "System.Net.Http", "Npgsql")
                .SetExemplarFilter(ExemplarFilterType.TraceBased)
                .AddReader(provider => new BaseExportingMetricReader(provider.GetRequiredService<ScrapeExporter>())));

        var toMonitor = IsSet(builder, TelemetryOptions.MonitorEndpointSetting);
        var toCollector = IsSet(builder, "OTEL_EXPORTER_OTLP_ENDPOINT");
        if (toMonitor || toCollector)
        {
            telemetry.WithLogging(configureBuilder: null, options =>
            {
                options.IncludeScopes = true;
                options.IncludeFormattedMessage = true;
            });
        }

        if (toMonitor)
        {
            telemetry.WithTracing(tracing => tracing.AddMonitorExport()).WithLogging(logging => logging.AddMonitorExport());
        }

        if (toCollector)
        {
            telemetry.UseOtlpExporter();
        }

        services.AddHostedService<TelemetryLifetime>();
    }

    private static bool IsSet(IHostApplicationBuilder builder, string setting) => !string.IsNullOrWhiteSpace(builder.Configuration[setting]);

    /// <summary>The entry to the SDK's own wiring; OpenTelemetry.Extensions.Hosting would be another.</summary>
    private sealed class TelemetryBuilder(IServiceCollection services) : IOpenTelemetryBuilder
    {
        public IServiceCollection Services => services;
    }
}
