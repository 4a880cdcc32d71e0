using OrderFlow.AppHost.Configuration;

namespace OrderFlow.AppHost.Services;

/// <summary>How each of the services runs.</summary>
internal static class ServiceBuilderExtensions
{
    /// <summary>
    /// A service with its port, its replicas and its health. A single process listens on the port itself; several stand behind Aspire's
    /// proxy.
    /// </summary>
    public static IResourceBuilder<ProjectResource> AddService<TProject>(
        this IDistributedApplicationBuilder builder, string name, SystemSettings settings)
        where TProject : IProjectMetadata, new()
    {
        var replicas = settings.Replicas(name);
        return builder.AddProject<TProject>(name)
            .RunsBuiltProgram()
            .WithHttpEndpoint(port: settings.Ports.Of(name), isProxied: replicas > 1)
            .WithHttpHealthCheck("/health")
            .WithReplicas(replicas)
            .WithoutHttpsCertificate()
            .WithEnvironment("DOTNET_ENVIRONMENT", builder.Environment.EnvironmentName)
            .WithEnvironment("LOGGING__CONSOLE__FORMATTERNAME", "readable")
            .WithEnvironment("Telemetry__Metrics", settings.HasMetrics ? "true" : "false")
            .WithEnvironment("Telemetry__Traces", settings.HasTraces ? "true" : "false")
            .ExportsTelemetry()
            .WithUrlForEndpoint("http", url => url.DisplayText = "HTTP");
    }

    /// <summary>Orders wait for their payments as long as <c>Orders:PaymentTimeout</c> says, if it does.</summary>
    public static IResourceBuilder<ProjectResource> WithPaymentTimeout(
        this IResourceBuilder<ProjectResource> service, SystemSettings settings) =>
        settings.PaymentTimeout is { } timeout ? service.WithEnvironment("Orders__PaymentTimeout", timeout.ToString("c")) : service;

    /// <summary>
    /// Starts what the build has made, instead of a <c>dotnet run</c> that takes seconds of both cores and 140 MB beside each process to
    /// find out what that is. A project that is not built, as in an IDE, starts as Aspire starts it.
    /// </summary>
    private static IResourceBuilder<ProjectResource> RunsBuiltProgram(this IResourceBuilder<ProjectResource> service)
    {
        var project = service.Resource.GetProjectMetadata().ProjectPath;
        var directory = Path.GetDirectoryName(project)!;
        var program = Path.Combine(directory, OwnOutput, Path.GetFileNameWithoutExtension(project));
        return File.Exists(program)
            ? service
                .WithAnnotation(new ExecutableAnnotation { Command = program, WorkingDirectory = directory })
                .WithEnvironment("DOTNET_ROOT", DotnetRoot)
            : service;
    }

    /// <summary>
    /// Telemetry goes to the Aspire dashboard, or to <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> where that is set. Where there is neither, as in a
    /// test, it goes nowhere: Aspire would name an address at which nobody listens.
    /// </summary>
    private static IResourceBuilder<ProjectResource> ExportsTelemetry(
        this IResourceBuilder<ProjectResource> service) => service.WithEnvironment(context =>
    {
        var configuration = service.ApplicationBuilder.Configuration;
        const string endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
        string[] others = ["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_HEADERS"];
        if (configuration[endpoint] is { Length: > 0 } chosen)
        {
            context.EnvironmentVariables[endpoint] = chosen;
            foreach (var setting in others)
            {
                context.EnvironmentVariables[setting] = configuration[setting] ?? "";
            }
        }
        else if (!service.ApplicationBuilder.Resources.Any(resource => resource.Name == ResourceNames.Dashboard))
        {
            context.EnvironmentVariables.Remove(endpoint);
        }
        else
        {
            context.EnvironmentVariables["Telemetry__CollectorSpansPerSecond"] = SpansPerSecondOfDashboard;
            // Aspire asks for every second, and the dashboard stores each with its exemplars.
            context.EnvironmentVariables["OTEL_METRIC_EXPORT_INTERVAL"] = MillisecondsBetweenMetricsOfDashboard;
        }
    });

    /// <summary>
    /// What the dashboard gets of each service at most: all of 5 orders a second, a share of more. It writes each to a database of its own.
    /// </summary>
    private const string SpansPerSecondOfDashboard = "30";

    private const string MillisecondsBetweenMetricsOfDashboard = "10000";

    /// <summary><c>bin/Release/net10.0</c>, as the AppHost's own: same configuration, same framework.</summary>
    private static string OwnOutput { get; } =
        Path.Combine(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar)[^3..]);

    /// <summary>
    /// The installation that the AppHost itself runs on: …/shared/Microsoft.NETCore.App/10.0.0/ is three levels below it.
    /// </summary>
    private static string DotnetRoot { get; } =
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
}
