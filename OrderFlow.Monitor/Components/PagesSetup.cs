using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Diagnostics;
using OrderFlow.Monitor.Hosting;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Components;

/// <summary>The pages: rendered here as components, kept up to date by <c>wwwroot/assets/live.js</c>.</summary>
internal static class PagesSetup
{
    /// <summary>Scripts only from here, and none in a page itself; the places of bars are style attributes.</summary>
    private const string Policy =
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        + "form-action 'self'; frame-ancestors 'none'";

    public static void AddPages(this WebApplicationBuilder builder)
    {
        builder.WebHost.UseStaticWebAssets();
        builder.Services.AddRazorComponents();
        // Nothing that leaves here is protected by keys; without this, they would be written to the home directory.
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddMemoryCache();
        builder.Services.AddSingleton<SharedAnswers>();
        builder.Services.AddSingleton<PublishedCounts>();
    }

    public static void UsePages(this WebApplication app)
    {
        app.Use((http, next) =>
        {
            if (!ApiPath.Covers(http.Request.Path))
            {
                var headers = http.Response.Headers;
                headers.ContentSecurityPolicy = Policy;
                headers.XContentTypeOptions = "nosniff";
                headers["Referrer-Policy"] = "same-origin";
            }

            return next(http);
        });
        app.UseWhen(
            http => !ApiPath.Covers(http.Request.Path),
            pages =>
                pages.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = AnswerAsync, CreateScopeForErrors = true }));
    }

    public static void MapPages(this WebApplication app)
    {
        app.MapStaticAssets();
        app.MapLogin();
        // Requests that change something and come from a page elsewhere do not get past AccessCheck.
        app.MapRazorComponents<App>().DisableAntiforgery();
        app.Map("/api/{**path}", (string? path) => ApiProblem.NoSuchPath(path));
    }

    private static Task AnswerAsync(HttpContext http)
    {
        var exception = http.Features.Get<IExceptionHandlerFeature>()?.Error;
        if (exception is BadHttpRequestException bad)
        {
            http.Response.StatusCode = bad.StatusCode;
            return Task.CompletedTask;
        }

        var unavailable = StorageFault.IsUnavailable(exception);
        if (unavailable)
        {
            http.Response.Headers.RetryAfter = RetryLater.Seconds;
            Log.DatabaseUnavailable(http.RequestServices.GetRequiredService<ILogger<App>>(), exception!);
        }

        var page = new Microsoft.AspNetCore.Http.HttpResults.RazorComponentResult<ErrorPage>(
            new Dictionary<string, object?>(StringComparer.Ordinal) { [nameof(ErrorPage.Unavailable)] = unavailable })
        {
            StatusCode = unavailable ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError,
        };
        return page.ExecuteAsync(http);
    }
}
