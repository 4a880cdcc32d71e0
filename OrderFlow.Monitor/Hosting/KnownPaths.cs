using Microsoft.AspNetCore.Routing.Template;

namespace OrderFlow.Monitor.Hosting;

/// <summary>
/// Middleware that answers 405 with <c>Allow</c> (RFC 9110, 15.5.6), or 415, for a path that has an endpoint, but none for this method or
/// type of body. Without it, the endpoints that match every path would answer.
/// </summary>
internal sealed class KnownPaths(EndpointDataSource endpoints, RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint() is not RouteEndpoint { RoutePattern: var pattern }
            || !pattern.Parameters.Any(parameter => parameter.IsCatchAll))
        {
            return next(http);
        }

        string[] methods = [.. endpoints.Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => Matches(endpoint, http.Request.Path))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
            .Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal)];
        if (methods.Length == 0)
        {
            return next(http);
        }

        if (methods.Contains(http.Request.Method, StringComparer.OrdinalIgnoreCase))
        {
            return RefuseAsync(http, StatusCodes.Status415UnsupportedMediaType, "This takes another type of body.");
        }

        http.Response.Headers.Allow = string.Join(", ", methods);
        return RefuseAsync(
            http, StatusCodes.Status405MethodNotAllowed, "This address does not take this method; the header Allow names those it takes.");
    }

    private static bool Matches(RouteEndpoint endpoint, PathString path)
    {
        var pattern = endpoint.RoutePattern;
        var values = new RouteValueDictionary();
        return !pattern.Parameters.Any(parameter => parameter.IsCatchAll)
            && new TemplateMatcher(new RouteTemplate(pattern), []).TryMatch(path, values)
            && pattern.Parameters.All(
                parameter =>
                    !parameter.ParameterPolicies.Any(policy => policy.Content == "guid")
                        || Guid.TryParse(values[parameter.Name] as string, out _));
    }

    private static Task RefuseAsync(HttpContext http, int status, string detail) =>
        TypedResults.Problem(statusCode: status, detail: detail).ExecuteAsync(http);
}
