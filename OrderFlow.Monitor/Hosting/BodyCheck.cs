using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace OrderFlow.Monitor.Hosting;

/// <summary>Middleware that takes only bodies in JSON, not compressed. A 415 says so in its headers (RFC 9110, 15.5.16).</summary>
internal static class BodyCheck
{
    private const string Plain = "identity";

    /// <summary>
    /// Names the type that is taken wherever the framework refuses another, and refuses what is compressed, which it would read as it is.
    /// </summary>
    public static async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        http.Response.OnStarting(NameType, http.Response);
        if (http.Request.Headers.GetCommaSeparatedValues(HeaderNames.ContentEncoding).All(
            coding => coding.Equals(Plain, StringComparison.OrdinalIgnoreCase)))
        {
            await next(http);
            return;
        }

        http.Response.Headers.AcceptEncoding = Plain;
        await TypedResults.Problem(
            statusCode: StatusCodes.Status415UnsupportedMediaType, detail: "A body is JSON, not compressed.").ExecuteAsync(http);
    }

    /// <summary>Reads a form, or says why it cannot be read: it is not sent as browsers send forms, or has what no form has.</summary>
    public static async Task<(IFormCollection? Form, ProblemHttpResult? Problem)> ReadFormAsync(HttpRequest request)
    {
        if (!request.HasFormContentType)
        {
            return (null, TypedResults.Problem(
                statusCode: StatusCodes.Status415UnsupportedMediaType,
                detail: "This takes a form: send it as application/x-www-form-urlencoded."));
        }

        try
        {
            return (await request.ReadFormAsync(request.HttpContext.RequestAborted), null);
        }
        catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException)
        {
            return (null, TypedResults.Problem(
                statusCode: StatusCodes.Status400BadRequest, detail: $"The form cannot be read: {exception.Message}"));
        }
    }

    private static Task NameType(object state)
    {
        var response = (HttpResponse)state;
        if (response.StatusCode == StatusCodes.Status415UnsupportedMediaType && response.Headers.AcceptEncoding.Count == 0)
        {
            response.Headers.Accept = "application/json";
        }

        return Task.CompletedTask;
    }
}
