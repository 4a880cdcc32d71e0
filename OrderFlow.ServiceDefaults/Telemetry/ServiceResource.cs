using System.Reflection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Resources;

namespace OrderFlow.ServiceDefaults.Telemetry;

internal static class ServiceResource
{
    /// <summary>Identifies this process. <c>OTEL_SERVICE_NAME</c> and <c>OTEL_RESOURCE_ATTRIBUTES</c> come last and win.</summary>
    public static void DescribeService(this ResourceBuilder resource, IHostApplicationBuilder builder) =>
        resource
            .AddService(
                builder.Environment.ApplicationName,
                serviceVersion: Version(),
                serviceInstanceId: $"{Environment.MachineName}:{Environment.ProcessId}")
            .AddAttributes([new("deployment.environment.name", builder.Environment.EnvironmentName)])
            .AddEnvironmentVariableDetector();

    /// <summary>The version without the build metadata, e.g. <c>1.0.0</c>.</summary>
    private static string? Version() =>
        Assembly.GetEntryAssembly()?
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?
            .InformationalVersion.Split('+')[0];
}
