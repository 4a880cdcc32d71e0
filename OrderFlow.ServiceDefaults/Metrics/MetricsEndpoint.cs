using System.Buffers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace OrderFlow.ServiceDefaults.Metrics;

internal static class MetricsEndpoint
{
    public static void MapMetrics(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(ProbePaths.Metrics, ScrapeAsync)
            .AllowAnonymous()
            .DisableRateLimiting()
            .DisableHttpMetrics()
            .ExcludeFromDescription();

    private static async Task ScrapeAsync(HttpContext context, ScrapeExporter exporter)
    {
        var (request, response) = (context.Request, context.Response);
        var format = FormatNegotiation.Choose(request.Headers.Accept);
        var gzip = FormatNegotiation.AcceptsGzip(request.Headers.AcceptEncoding);
        response.Headers.Vary = "Accept, Accept-Encoding";
        response.Headers.CacheControl = "no-store";

        var written = await exporter.ScrapeAsync(format, gzip, document =>
        {
            response.ContentType = format.ContentType;
            response.ContentLength = document.Length;
            if (gzip)
            {
                response.Headers.ContentEncoding = "gzip";
            }

            response.BodyWriter.Write(document);
        }, context.RequestAborted);

        if (!written)
        {
            response.StatusCode = StatusCodes.Status500InternalServerError;
            await response.WriteAsync("The metrics could not be collected; the service's log says why.\n", context.RequestAborted);
        }
    }
}
