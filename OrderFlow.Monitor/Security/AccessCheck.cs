using System.Net.Http.Headers;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Security;

/// <summary>Middleware that lets through who knows the token, by <c>Authorization: Bearer</c> or by the cookie of a login.</summary>
internal sealed class AccessCheck(AccessToken token, IOptions<AccessOptions> options, RequestDelegate next)
{
    private const string Scheme = "Bearer";

    /// <summary>Styles and scripts, which the login page is made of, too.</summary>
    private const string Assets = "/assets";

    /// <summary>What is polled on every service, and the login.</summary>
    private static readonly string[] OpenPaths = ["/health", "/alive", "/metrics", LoginRedirect.Path];

    public Task InvokeAsync(HttpContext http)
    {
        var path = http.Request.Path;
        if (IsOpen(path) || IsBearer(http.Request) || IsLoggedIn(http.Request))
        {
            return next(http);
        }

        return ApiPath.Covers(path) ? RefuseAsync(http) : LoginRedirect.ToLoginAsync(http);
    }

    private static Task RefuseAsync(HttpContext http)
    {
        http.Response.Headers.WWWAuthenticate = Scheme;
        return TypedResults.Problem(
            type: "urn:orderflow:problem:token-required",
            statusCode: StatusCodes.Status401Unauthorized,
            detail: "This needs the Monitor's token: send it as 'Authorization: Bearer <token>'. "
                + "It is part of the login address that is printed at the start.").ExecuteAsync(http);
    }

    private bool IsOpen(PathString path) =>
        Array.Exists(OpenPaths, open => path.Equals(open, StringComparison.OrdinalIgnoreCase))
        || options.Value.OpenPaths.Contains(path.Value ?? "")
        || path.StartsWithSegments(Assets, StringComparison.Ordinal);

    private bool IsBearer(HttpRequest request) =>
        AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var given)
        && given.Scheme.Equals(Scheme, StringComparison.OrdinalIgnoreCase) && token.Matches(given.Parameter);

    /// <summary>
    /// Whether the cookie counts. It goes with every request that a page of another port makes, too, so it counts for changes only when
    /// they come from a page of this one.
    /// </summary>
    private bool IsLoggedIn(HttpRequest request) =>
        token.MatchesSession(SessionCookie.Read(request))
        && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)
            || (
                request.Headers[HeaderNames.Origin] is [{ } origin]
                    && origin.EndsWith($"://{request.Host}", StringComparison.OrdinalIgnoreCase)));
}
