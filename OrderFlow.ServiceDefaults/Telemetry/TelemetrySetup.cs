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
                .SetSampler(provider => provider.GetRequiredService<TraceSampling>().Sampler))
            .WithMetrics(metrics => metrics
                .AddMeter(OwnSignals, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
                .AddMeter("System.Runtime", "System.Net.Http", "Npgsql")
                .SetExemplarFilter(ExemplarFilterType.TraceBased)
                .AddReader(provider => new BaseExportingMetricReader(provider.GetRequiredService<ScrapeExporter>())));

        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            telemetry
                .WithLogging(configureBuilder: null, options =>
                {
                    options.IncludeScopes = true;
                    options.IncludeFormattedMessage = true;
                })
                .UseOtlpExporter();
        }

        services.AddHostedService<TelemetryLifetime>();
    }

    /// <summary>The entry to the SDK's own wiring; OpenTelemetry.Extensions.Hosting would be another.</summary>
    private sealed class TelemetryBuilder(IServiceCollection services) : IOpenTelemetryBuilder
    {
        public IServiceCollection Services => services;
    }
}
