using System.Globalization;
using OrderFlow.AppHost.Configuration;
using OrderFlow.AppHost.Prometheus;

namespace OrderFlow.AppHost.Services;

/// <summary>The settings of the Monitor, and who may look at it.</summary>
internal static class MonitorBuilderExtensions
{
    /// <summary>
    /// The Monitor asks for a token, and its address is shown with it: who sees the Aspire dashboard or the AppHost's output may log in.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithConsole(
        this IResourceBuilder<ProjectResource> monitor, IResourceBuilder<ProjectResource> gateway, SystemSettings settings)
    {
        var token = monitor.ApplicationBuilder.AddKey(TokenOf(monitor.Resource));
        if (settings.TraceRatio is { } ratio)
        {
            monitor.WithEnvironment("Monitor__TraceRatio", ratio.ToString(CultureInfo.InvariantCulture));
        }

        return monitor
            .WithEnvironment("Monitor__Token", token)
            .WithEnvironment("Monitor__GatewayUrl", gateway.GetEndpoint("http"))
            .WithEnvironment("Monitor__DiscardDirectory", settings.RunDirectory.In("discarded"))
            .WithUrls(async context =>
            {
                foreach (var url in context.Urls.Where(url => url.Endpoint?.EndpointName == "http"))
                {
                    url.Url = $"{url.Url.TrimEnd('/')}/login?t={await token.Resource.GetValueAsync(context.CancellationToken)}";
                    url.DisplayText = "OrderFlow console";
                }
            });
    }

    /// <summary>The parameter that is the Monitor's token; another one with every start, unless it is set.</summary>
    public static ParameterResource Token(this IResourceBuilder<ProjectResource> monitor) =>
        monitor.ApplicationBuilder.Resources.OfType<ParameterResource>().Single(parameter => parameter.Name == TokenOf(monitor.Resource));

    /// <summary>
    /// The services' spans and log lines go to the Monitor, too; none of them waits for it. The key is another one with every start.
    /// </summary>
    public static IResourceBuilder<ProjectResource> TakesTelemetryOf(
        this IResourceBuilder<ProjectResource> monitor, params IResourceBuilder<ProjectResource>[] services)
    {
        var key = monitor.ApplicationBuilder.AddKey($"{monitor.Resource.Name}-ingest-key");
        monitor.WithEnvironment("Monitor__IngestKey", key);
        foreach (var service in services)
        {
            service
                .WithEnvironment("Telemetry__MonitorEndpoint", monitor.GetEndpoint("http"))
                .WithEnvironment("Telemetry__MonitorKey", key);
        }

        return monitor;
    }

    /// <summary>Prometheus scrapes the Monitor, if there is one, which asks there what every service has handled.</summary>
    public static IResourceBuilder<IResourceWithEndpoints> WatchedBy(
        this IResourceBuilder<IResourceWithEndpoints> prometheus, IResourceBuilder<ProjectResource>? monitor)
    {
        if (monitor is not null)
        {
            monitor.WithEnvironment("Monitor__PrometheusUrl", prometheus.GetEndpoint("http"));
            prometheus.Scrapes(monitor);
        }

        return prometheus;
    }

    private static string TokenOf(ProjectResource monitor) => $"{monitor.Name}-token";
}
