using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using OpenTelemetry.Metrics;
using OrderFlow.ServiceDefaults.Http;

namespace OrderFlow.ServiceDefaults.Telemetry;

/// <summary>
/// <c>/metrics</c> as OpenTelemetry's Prometheus exporter writes it, with the <see cref="ZeroSeries"/> of the service in between.
/// </summary>
internal static class MetricsEndpoint
{
    /// <summary>Maps it, unless the service has no metrics.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder endpoints)
    {
        if (endpoints.ServiceProvider.GetService<MeterProvider>() is null)
        {
            return;
        }

        SharedHistogram[] shared = [.. endpoints.ServiceProvider.GetServices<SharedHistogram>()];
        ZeroSeries[] zeros = [.. endpoints.ServiceProvider.GetServices<ZeroSeries>(), .. shared.Select(histogram => histogram.Zeros)];
        endpoints
            .MapPrometheusScrapingEndpoint(
                ProbePaths.Metrics, meterProvider: null, branch => Configure(branch, zeros, shared), optionsName: null)
            .AllowAnonymous()
            .DisableRateLimiting()
            .DisableHttpMetrics();
    }

    private static void Configure(IApplicationBuilder branch, ZeroSeries[] zeros, SharedHistogram[] shared)
    {
        branch.Use((context, next) =>
        {
            // One address, two formats: a cache must not take one for the other. The exporter adds what it compresses by.
            context.Response.Headers.Vary = "Accept";
            return next(context);
        });
        foreach (var histogram in shared)
        {
            branch.Use(async (context, next) =>
            {
                using var hold = await histogram.HoldAsync(context.RequestAborted);
                await next(context);
            });
        }

        if (zeros.Length > 0)
        {
            branch.Use((context, next) => InsertAsync(context, next, zeros));
        }
    }

    private static async Task InsertAsync(HttpContext context, RequestDelegate next, ZeroSeries[] zeros)
    {
        // Text cannot be put into what is compressed already.
        context.Request.Headers.AcceptEncoding = StringValues.Empty;
        var (response, body) = (context.Response, context.Response.Body);
        using var written = new MemoryStream();
        response.Body = written;
        try
        {
            await next(context);
        }
        finally
        {
            response.Body = body;
        }

        if (written.Length > 0)
        {
            var document = Encoding.UTF8.GetString(written.GetBuffer(), 0, (int)written.Length);
            await response.WriteAsync(zeros.Aggregate(document, (text, series) => series.InsertInto(text)), context.RequestAborted);
        }
    }
}
