using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;

namespace OrderFlow.ServiceDefaults.Tracing;

/// <summary>
/// Outermost middleware: completes the request's span with what is known at its end,
/// by opentelemetry.io/docs/specs/semconv/http/http-spans.
/// </summary>
internal sealed class ServerSpanFilter : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(CompleteSpanAsync);
        next(app);
    };

    private static async Task CompleteSpanAsync(HttpContext context, RequestDelegate next)
    {
        var span = context.Features.Get<IHttpActivityFeature>()?.Activity;
        if (span is not { IsAllDataRequested: true })
        {
            await next(context);
            return;
        }

        try
        {
            await next(context);
            Complete(span, context, context.Response.StatusCode, context.Features.Get<IExceptionHandlerFeature>()?.Error);
        }
        catch (Exception exception)
        {
            // The server answers 500 to what nobody handles, but only after this.
            Complete(span, context, StatusCodes.Status500InternalServerError, exception);
            throw;
        }
    }

    private static void Complete(Activity span, HttpContext context, int status, Exception? exception)
    {
        // An exception handler runs the pipeline again and hides the endpoint that failed.
        var endpoint = context.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? context.GetEndpoint();
        var method = span.GetTagItem("http.request.method") is string known and not "_OTHER" ? known : "HTTP";
        if (endpoint?.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route is { } route)
        {
            span.SetTag("http.route", route);
            span.DisplayName = $"{method} {route}";
        }
        else
        {
            span.DisplayName = method;
        }

        span.SetTag("http.response.status_code", status);
        span.SetTag("network.protocol.version", context.Request.Protocol.Split('/')[^1]);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            span.SetTag("error.type", exception?.GetType().FullName ?? status.ToString(CultureInfo.InvariantCulture));
            span.SetStatus(ActivityStatusCode.Error);
        }
    }
}
