using System.Net.Http.Headers;
using Microsoft.Net.Http.Headers;
using OrderFlow.Monitor.Ingestion.Telemetry;

namespace OrderFlow.Monitor.Security;

/// <summary>Lets through who knows the token, by <c>Authorization: Bearer</c> or by the cookie of a login.</summary>
internal sealed class AccessCheck(AccessToken token, RequestDelegate next)
{
    private const string Scheme = "Bearer";

    /// <summary>What machines poll on every service, what the login page is made of, and what services send to, which has a key of its own.</summary>
    private static readonly string[] Open =
    [
        "/health", "/alive", "/metrics", LoginSetup.Path,
        ReceiveTelemetrySetup.Traces, ReceiveTelemetrySetup.Logs, ReceiveTelemetrySetup.Metrics,
    ];

    public Task InvokeAsync(HttpContext http)
    {
        var path = http.Request.Path;
        if (Array.Exists(Open, open => path.Equals(open, StringComparison.OrdinalIgnoreCase)) || path.StartsWithSegments(Assets.Path, StringComparison.Ordinal)
            || IsBearer(http.Request) || IsLoggedIn(http.Request))
        {
            return next(http);
        }

        return Api.Covers(path) ? RefuseAsync(http) : LoginSetup.AskAsync(http);
    }

    private static Task RefuseAsync(HttpContext http)
    {
        http.Response.Headers.WWWAuthenticate = Scheme;
        return TypedResults.Problem(
            type: "urn:orderflow:problem:token-required",
            statusCode: StatusCodes.Status401Unauthorized,
            detail: "This needs the Monitor's token: send it as 'Authorization: Bearer <token>'. It is part of the login address that is printed at the start.").ExecuteAsync(http);
    }

    private bool IsBearer(HttpRequest request) =>
        AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var given)
        && given.Scheme.Equals(Scheme, StringComparison.OrdinalIgnoreCase) && token.Matches(given.Parameter);

    /// <summary>A cookie goes with every request that a page of another port makes, too, so it counts for changes only when they come from a page of this one.</summary>
    private bool IsLoggedIn(HttpRequest request) =>
        token.MatchesSession(request.Cookies[LoginSetup.CookieOf(request)])
        && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)
            || (request.Headers[HeaderNames.Origin] is [{ } origin] && origin.EndsWith($"://{request.Host}", StringComparison.OrdinalIgnoreCase)));
}
