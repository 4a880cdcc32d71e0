using System.Net.Mime;
using Microsoft.AspNetCore.Http.HttpResults;
using OrderFlow.Monitor.Components;

namespace OrderFlow.Monitor.Security;

/// <summary><c>/login</c>: by an address with the token, as <c>/login?t=…</c>, or by a page that asks for it.</summary>
internal static class LoginSetup
{
    public const string Path = "/login";

    public static void AddAccess(this WebApplicationBuilder builder) => builder.Services.AddSingleton<AccessToken>();

    /// <summary>Asks for the token from here on.</summary>
    public static void UseAccess(this WebApplication app)
    {
        app.UseMiddleware<AccessCheck>();
        var token = app.Services.GetRequiredService<AccessToken>();
        if (token.IsGenerated)
        {
            app.Lifetime.ApplicationStarted.Register(() => Log.LogIn(
                app.Services.GetRequiredService<ILogger<AccessToken>>(), $"{app.Urls.FirstOrDefault()?.TrimEnd('/')}{Path}?t={token.Value}"));
        }
    }

    public static void MapLogin(this WebApplication app)
    {
        app.MapGet(Path, (HttpContext http, AccessToken token, string? t, string? to) => t is null ? Page(to, refused: false) : Enter(http, token, t, to));
        app.MapPost(Path, async Task<IResult> (HttpContext http, AccessToken token) =>
        {
            if (BodyCheck.WhyNoForm(http.Request) is { } problem)
            {
                return problem;
            }

            var form = await http.Request.ReadFormAsync(http.RequestAborted);
            return Enter(http, token, form["t"].ToString().Trim(), form["to"]);
        });
    }

    /// <summary>The cookie's name. Cookies know no ports, so two systems on one machine would log each other out.</summary>
    public static string CookieOf(HttpRequest request) => $"orderflow.monitor.{request.Host.Port ?? 0}";

    /// <summary>
    /// Leads to the login page. A link on another site comes without the strict cookie even when its user is logged in, so that request is
    /// made again first, from here.
    /// </summary>
    public static Task AskAsync(HttpContext http)
    {
        var target = $"{http.Request.PathBase}{http.Request.Path}{http.Request.QueryString}";
        return http.Request.Headers["Sec-Fetch-Site"] == "cross-site" && HttpMethods.IsGet(http.Request.Method)
            ? Again(target).ExecuteAsync(http)
            : TypedResults.LocalRedirect($"{Path}?to={Uri.EscapeDataString(target)}").ExecuteAsync(http);
    }

    private static IResult Enter(HttpContext http, AccessToken token, string given, string? to)
    {
        if (!token.Matches(given))
        {
            return Page(to, refused: true);
        }

        http.Response.Cookies.Append(CookieOf(http.Request), token.Session, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = http.Request.IsHttps,
            IsEssential = true,
            Path = "/",
        });
        return Again(IsLocal(to) ? to! : "/");
    }

    /// <summary>Not a redirect: what a browser is redirected to still counts as asked for by whoever had the link.</summary>
    private static ContentHttpResult Again(string path) => TypedResults.Content(
        $"""<!doctype html><meta charset="utf-8"><title>OrderFlow</title><link rel="icon" href="data:,"><meta http-equiv="refresh" content="0;url={System.Text.Encodings.Web.HtmlEncoder.Default.Encode(path)}">""",
        MediaTypeNames.Text.Html);

    private static RazorComponentResult<Login> Page(string? to, bool refused) => new(new Dictionary<string, object?>(StringComparer.Ordinal)
    {
        [nameof(Login.To)] = IsLocal(to) ? to : "/",
        [nameof(Login.Refused)] = refused,
    })
    {
        StatusCode = refused ? StatusCodes.Status401Unauthorized : StatusCodes.Status200OK,
    };

    private static bool IsLocal(string? path) => path is ['/', ..] and not ['/', '/' or '\\', ..] && !path.AsSpan().ContainsAnyInRange('\0', '\x1f');
}
