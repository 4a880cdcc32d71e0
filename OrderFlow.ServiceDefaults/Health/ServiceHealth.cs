using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OrderFlow.ServiceDefaults.Health;

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
        endpoints.MapHealthChecks(path, new HealthCheckOptions { Predicate = includes, ResponseWriter = HealthReportJson.WriteAsync })
            .AllowAnonymous()
            .DisableRateLimiting()
            .DisableHttpMetrics();
}
