using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using OrderFlow.Gateway.PlaceOrder;
using OrderFlow.Gateway.Problems;
using OrderFlow.ServiceDefaults.Http;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace OrderFlow.Gateway;

/// <summary>The HTTP server's settings: limits for what comes in, and problem details for what is turned away.</summary>
internal static class HttpEdge
{
    /// <summary>How much of a body that is too large Kestrel still reads and drops, so that its sender gets to read the 413.</summary>
    private const long DroppedBytes = 32 * 1_048_576;

    public static void AddHttpEdge(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
            kestrel.Limits.MaxRequestHeaderCount = 64;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            kestrel.ConfigureEndpointDefaults(UnreadableRequests.Prepare);
        });
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<PlaceOrderOptions>>(
            (kestrel, order) => kestrel.Limits.MaxRequestBodySize = order.Value.MaxBodyBytes + DroppedBytes);
        builder.Services.AddHeadRequests();
        builder.Services.AddSingleton<GatewayInstruments>();
        builder.Services.AddHostedService<UnreadableRequests>();
    }

    public static void UseHttpEdge(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            StatusCodeSelector = exception =>
                (exception as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status500InternalServerError,
            ExceptionHandler = http => Problem.WriteAsync(http, Refusal.ForStatus(http.Response.StatusCode)),
        });
        app.UseStatusCodePages(page => Problem.WriteAsync(page.HttpContext, Refusal.ForStatus(page.HttpContext.Response.StatusCode)));
    }
}
