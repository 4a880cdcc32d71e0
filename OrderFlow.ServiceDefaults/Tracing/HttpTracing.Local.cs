using OpenTelemetry.Trace;

namespace OrderFlow.ServiceDefaults.Tracing;

/// <summary>Server spans as ASP.NET Core writes them itself, named and tagged by the HTTP conventions.</summary>
internal static class HttpTracing
{
    public static TracerProviderBuilder AddHttpServerTracing(this TracerProviderBuilder tracing)
    {
        // Off by default in .NET 10, because the instrumentation package would write the same tags.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
        return tracing.AddSource("Microsoft.AspNetCore");
    }
}
