using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrderFlow.ServiceDefaults.Http;

namespace OrderFlow.ServiceDefaults.Health;

/// <summary>The endpoints <c>/health</c> and <c>/alive</c>.</summary>
internal static class ServiceHealth
{
    private const string Live = "live";

    public static void AddServiceHealth(this IServiceCollection services) =>
        services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [Live]);

    /// <summary>
    /// <c>/health</c> runs every check: is the service able to work? <c>/alive</c> runs those tagged <c>live</c>:
    /// should it be restarted? A broker that is down makes a service unhealthy, but restarting the service would not help.
    /// </summary>
    public static void MapServiceHealth(this IEndpointRouteBuilder endpoints)
    {
        Map(endpoints, ProbePaths.Health, _ => true);
        Map(endpoints, ProbePaths.Alive, check => check.Tags.Contains(Live));
    }

    private static void Map(IEndpointRouteBuilder endpoints, string path, Func<HealthCheckRegistration, bool> includes) =>
        endpoints.MapHealthChecks(path, new HealthCheckOptions { Predicate = includes, ResponseWriter = WriteAsync })
            .AllowAnonymous()
            .DisableRateLimiting()
            .DisableHttpMetrics();

    /// <summary>
    /// Names and states only. A description or an exception may hold a host name or a connection string; those are in the log.
    /// </summary>
    private static async Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status", report.Status.ToString());
        json.WriteStartObject("checks");
        foreach (var (name, entry) in report.Entries)
        {
            json.WriteString(name, entry.Status.ToString());
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
