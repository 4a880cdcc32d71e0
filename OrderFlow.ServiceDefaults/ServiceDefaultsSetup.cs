using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using OrderFlow.ServiceDefaults.Health;
using OrderFlow.ServiceDefaults.Http;
using OrderFlow.ServiceDefaults.Logging;
using OrderFlow.ServiceDefaults.Telemetry;

namespace OrderFlow.ServiceDefaults;

/// <summary>What every service has: telemetry, health and their endpoints.</summary>
public static class ServiceDefaultsSetup
{
    /// <summary>
    /// Adds JSON logs on the console, traces and metrics of the OpenTelemetry SDK, OTLP export when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is
    /// set, export to the Monitor when <c>Telemetry:MonitorEndpoint</c> is, and a health check <c>self</c> tagged <c>live</c>.
    /// <c>HEAD</c> is answered wherever <c>GET</c> is. Meters and activity sources named <c>OrderFlow.*</c> are collected without further
    /// registration.
    /// </summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.AddConsoleLogs();
        builder.AddTelemetry();
        builder.Services.AddServiceHealth();
        builder.Services.AddHeadRequests();
        return builder;
    }

    /// <summary>Maps <c>/health</c>, <c>/alive</c> and <c>/metrics</c>; none of them is traced, measured or rate limited.</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapServiceHealth();
        app.MapMetrics();
        return app;
    }
}
