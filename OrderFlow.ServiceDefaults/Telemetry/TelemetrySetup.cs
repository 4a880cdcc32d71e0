using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using OrderFlow.ServiceDefaults.Http;
using OrderFlow.ServiceDefaults.Tracing;

namespace OrderFlow.ServiceDefaults.Telemetry;

/// <summary>What is traced and measured, and where it goes.</summary>
internal static class TelemetrySetup
{
    private const string OwnSignals = "OrderFlow.*";
    private const string Count = "count";

    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<TelemetryOptions>().BindConfiguration(TelemetryOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TelemetryOptions>, TelemetryOptionsValidator>();
        services.AddSingleton<TraceSampling>();
        services.AddSingleton<DistributedContextPropagator>(
            provider => new HttpEdgePropagator(provider.GetRequiredService<TraceSampling>().Root));

        // The contexts that came in and go out are those of the propagator above: OpenTelemetry's own would read the headers a second
        // time, and make a second server span where the two differ.
        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
        DistributedContextPropagator.Current = new W3CTraceContext();

        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => resource.DescribeService(builder.Environment));
        var hasMetrics = IsOn(builder, TelemetryOptions.MetricsSetting);
        var hasTraces = IsOn(builder, TelemetryOptions.TracesSetting);
        if (hasMetrics)
        {
            telemetry.WithMetrics(AddMetrics);
        }

        if (hasTraces)
        {
            telemetry.WithTracing(AddTracing);
        }

        AddExports(builder, telemetry, hasMetrics, hasTraces);
        services.AddHostedService<LastExport>();
    }

    private static void AddTracing(TracerProviderBuilder tracing) => tracing
        .AddSource(OwnSignals)
        .AddAspNetCoreInstrumentation(options => options.Filter = context => !ProbePaths.Contains(context.Request.Path.Value))
        .AddHttpClientInstrumentation()
        .AddNpgsql()
        .AddProcessor(new FailedSpans())
        .SetSampler(provider => provider.GetRequiredService<TraceSampling>().Sampler);

    private static void AddMetrics(MeterProviderBuilder metrics) => metrics
        .AddMeter(OwnSignals, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime")
        .AddNpgsqlInstrumentation()
        .AddInstrumentation(provider => new ProcessInstruments(provider.GetRequiredService<IMeterFactory>()))
        .AddView(WithoutCountSuffix)
        .SetExemplarFilter(ExemplarFilterType.TraceBased)
        .AddPrometheusExporter(options =>
        {
            options.ScopeInfoEnabled = false;
            // A scrape shows what happened until it came; nobody scrapes so often that a cache would spare anything.
            options.ScrapeResponseCacheDurationMilliseconds = 0;
        });

    private static void AddExports(
        IHostApplicationBuilder builder, OpenTelemetryBuilder telemetry, bool hasMetrics, bool hasTraces)
    {
        var toMonitor = hasTraces && IsSet(builder, TelemetryOptions.MonitorEndpointSetting);
        var toCollector = IsSet(builder, "OTEL_EXPORTER_OTLP_ENDPOINT");
        if (toMonitor || (toCollector && hasTraces))
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

        if (toCollector && hasTraces && IsSet(builder, TelemetryOptions.CollectorSpansSetting))
        {
            telemetry.WithTracing(tracing => tracing.AddLimitedExport()).WithLogging(logging => logging.AddLimitedExport());
            hasTraces = false;
        }

        if (toCollector)
        {
            AddCollectorExport(telemetry, hasMetrics, hasTraces);
        }
    }

    /// <summary>The exporter of all signals turns all of them on: where one is off, each of the others has its own.</summary>
    private static void AddCollectorExport(OpenTelemetryBuilder telemetry, bool hasMetrics, bool hasTraces)
    {
        if (hasMetrics && hasTraces)
        {
            telemetry.UseOtlpExporter();
        }
        else if (hasTraces)
        {
            telemetry.WithTracing(tracing => tracing.AddOtlpExporter()).WithLogging(logging => logging.AddOtlpExporter());
        }
        else if (hasMetrics)
        {
            telemetry.WithMetrics(metrics => metrics.AddOtlpExporter());
        }
    }

    private static bool IsSet(IHostApplicationBuilder builder, string setting) =>
        !string.IsNullOrWhiteSpace(builder.Configuration[setting]);

    /// <summary>What is neither true nor false is refused when the options are read.</summary>
    private static bool IsOn(IHostApplicationBuilder builder, string setting) =>
        !bool.TryParse(builder.Configuration[setting], out var isOn) || isOn;

    /// <summary>Identifies this process. <c>OTEL_SERVICE_NAME</c> and <c>OTEL_RESOURCE_ATTRIBUTES</c> come last and win.</summary>
    private static void DescribeService(this ResourceBuilder resource, IHostEnvironment environment) => resource
        .AddService(
            environment.ApplicationName,
            serviceVersion: Assembly.GetEntryAssembly()?
                .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0],
            serviceInstanceId: $"{Environment.MachineName}:{Environment.ProcessId}")
        .AddAttributes([new("deployment.environment.name", environment.EnvironmentName)])
        .AddEnvironmentVariableDetector();

    /// <summary>
    /// The suffix <c>_count</c> belongs to histograms in Prometheus, so that a gauge such as <c>dotnet.assembly.count</c> is shown without
    /// it.
    /// </summary>
    private static MetricStreamConfiguration? WithoutCountSuffix(Instrument instrument) =>
        instrument.Name.EndsWith(Count, StringComparison.Ordinal) && instrument.Name[..^Count.Length] is [.., '.' or '_'] stem
            && IsGauge(instrument)
            ? new MetricStreamConfiguration { Name = stem[..^1] }
            : null;

    private static bool IsGauge(Instrument instrument) => instrument.GetType().GetGenericTypeDefinition() is var type
        && (type == typeof(UpDownCounter<>) || type == typeof(ObservableUpDownCounter<>) || type == typeof(Gauge<>)
        || type == typeof(ObservableGauge<>));
}
