using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Net.Http.Headers;

namespace OrderFlow.ServiceDefaults.Http;

/// <summary>
/// Answers <c>HEAD</c> wherever there is a <c>GET</c>, with its status and headers (RFC 9110, 9.3.2). Endpoints see a GET; the server
/// leaves the body out, because it knows how the request began.
/// </summary>
public static class HeadRequests
{
    private const string Both = "GET, HEAD";

    /// <summary>Adds it ahead of everything else. It may be called more than once.</summary>
    public static IServiceCollection AddHeadRequests(this IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Transient<IStartupFilter, Filter>());
        return services;
    }

    private static async Task AnswerAsync(HttpContext http, RequestDelegate next)
    {
        http.Response.OnStarting(NameHead, http.Response);
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await next(http);
            return;
        }

        http.Request.Method = HttpMethods.Get;
        try
        {
            await next(http);
        }
        finally
        {
            // Spans and metrics are named by what was asked.
            http.Request.Method = HttpMethods.Head;
        }
    }

    /// <summary>Routing names the methods that it knows of.</summary>
    private static Task NameHead(object state)
    {
        var response = (HttpResponse)state;
        if (response.StatusCode == StatusCodes.Status405MethodNotAllowed
            && response.Headers.GetCommaSeparatedValues(HeaderNames.Allow) is { Length: > 0 } allowed
            && Array.Exists(allowed, HttpMethods.IsGet) && !Array.Exists(allowed, HttpMethods.IsHead))
        {
            response.Headers.Allow = string.Join(", ", allowed.Select(method => HttpMethods.IsGet(method) ? Both : method));
        }

        return Task.CompletedTask;
    }

    /// <summary>Comes before routing, which already chooses by the method.</summary>
    private sealed class Filter : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(AnswerAsync);
            next(app);
        };
    }
}
