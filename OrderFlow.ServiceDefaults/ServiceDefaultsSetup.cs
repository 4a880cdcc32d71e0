using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace OrderFlow.ServiceDefaults;

/// <summary>What every service has: telemetry, health and their endpoints.</summary>
public static class ServiceDefaultsSetup
{
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder => throw new NotSupportedException();

    /// <summary>Maps <c>/health</c>, <c>/alive</c> and <c>/metrics</c>.</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app) => throw new NotSupportedException();
}
