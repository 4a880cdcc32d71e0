using System.Net.Mime;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace OrderFlow.Monitor.Security;

/// <summary>The way to the login page and back to the page that was asked for.</summary>
internal static class LoginRedirect
{
    public const string Path = "/login";

    /// <summary>
    /// Leads to the login page. A link on another site comes without the strict cookie even when its user is logged in, so that request is
    /// made again first, from here.
    /// </summary>
    public static Task ToLoginAsync(HttpContext http)
    {
        var target = $"{http.Request.PathBase}{http.Request.Path}{http.Request.QueryString}";
        return http.Request.Headers["Sec-Fetch-Site"] == "cross-site" && HttpMethods.IsGet(http.Request.Method)
            ? ToPage(target).ExecuteAsync(http)
            : TypedResults.LocalRedirect($"{Path}?to={Uri.EscapeDataString(target)}").ExecuteAsync(http);
    }

    /// <summary>
    /// Leads to a page, not by a redirect: what a browser is redirected to still counts as asked for by whoever had the link.
    /// </summary>
    public static ContentHttpResult ToPage(string path) => TypedResults.Content(
        "<!doctype html><meta charset=\"utf-8\"><title>OrderFlow</title><link rel=\"icon\" href=\"data:,\">"
        + $"<meta http-equiv=\"refresh\" content=\"0;url={HtmlEncoder.Default.Encode(path)}\">",
        MediaTypeNames.Text.Html);

    /// <summary>The path if it is one of this site, else the start page: a login must not lead elsewhere.</summary>
    public static string Local(string? path) =>
        path is ['/', ..] and not ['/', '/' or '\\', ..] && !path.AsSpan().ContainsAnyInRange('\0', '\x1f') ? path : "/";
}
