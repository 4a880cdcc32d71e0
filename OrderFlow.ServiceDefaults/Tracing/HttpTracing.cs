using OpenTelemetry.Trace;

namespace OrderFlow.ServiceDefaults.Tracing;

/// <summary>Server spans as OpenTelemetry.Instrumentation.AspNetCore names and tags them.</summary>
internal static class HttpTracing
{
    public static TracerProviderBuilder AddHttpServerTracing(this TracerProviderBuilder tracing) =>
        tracing.AddAspNetCoreInstrumentation(options =>
            options.Filter = context => !ProbePaths.Contains(context.Request.Path.Value));
}
