namespace OrderFlow.Monitor.Security;

/// <summary>The cookie of a login.</summary>
internal static class SessionCookie
{
    public static string? Read(HttpRequest request) => request.Cookies[NameFor(request)];

    public static void Set(HttpContext http, AccessToken token) => http.Response.Cookies.Append(
        NameFor(http.Request), token.Session, new CookieOptions
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = http.Request.IsHttps,
        IsEssential = true,
        Path = "/",
    });

    /// <summary>With the port: cookies know no ports, so two systems on one machine would log each other out.</summary>
    private static string NameFor(HttpRequest request) => $"orderflow.monitor.{request.Host.Port ?? 0}";
}
