using Microsoft.AspNetCore.Http.HttpResults;
using OrderFlow.Monitor.Hosting;
using OrderFlow.Monitor.Security;

namespace OrderFlow.Monitor.Components;

/// <summary><c>/login</c>: by an address with the token, as <c>/login?t=…</c>, or by a page that asks for it.</summary>
internal static class LoginEndpoints
{
    public static void MapLogin(this WebApplication app)
    {
        app.MapGet(LoginRedirect.Path, (HttpContext http, AccessToken token, string? t, string? to) =>
            t is null ? Page(to, refused: false) : LogIn(http, token, t, to));
        app.MapPost(LoginRedirect.Path, async Task<IResult> (HttpContext http, AccessToken token) =>
        {
            var (form, problem) = await BodyCheck.ReadFormAsync(http.Request);
            if (form is null)
            {
                return problem!;
            }

            return LogIn(http, token, form["t"].ToString().Trim(), form["to"]);
        });
    }

    private static IResult LogIn(HttpContext http, AccessToken token, string given, string? to)
    {
        if (!token.Matches(given))
        {
            return Page(to, refused: true);
        }

        SessionCookie.Set(http, token);
        return LoginRedirect.ToPage(LoginRedirect.Local(to));
    }

    private static RazorComponentResult<LoginPage> Page(string? to, bool refused) => new(
        new Dictionary<string, object?>(StringComparer.Ordinal)
    {
        [nameof(LoginPage.To)] = LoginRedirect.Local(to),
        [nameof(LoginPage.Refused)] = refused,
    })
    {
        StatusCode = refused ? StatusCodes.Status401Unauthorized : StatusCodes.Status200OK,
    };
}
