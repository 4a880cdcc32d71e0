using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Trace;

namespace OrderFlow.ServiceDefaults.Tracing;

/// <summary>
/// Server spans by the HTTP conventions without the instrumentation package: ASP.NET Core 10 tags the request when the span
/// starts, <see cref="ServerSpanFilter"/> adds route, status and name when it ends.
/// </summary>
internal static class HttpTracing
{
    public static TracerProviderBuilder AddHttpServerTracing(this TracerProviderBuilder tracing)
    {
        // Off by default in .NET 10, because the package would write the same tags.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
        return tracing
            .AddSource("Microsoft.AspNetCore")
            .ConfigureServices(services => services.AddSingleton<IStartupFilter, ServerSpanFilter>());
    }
}
