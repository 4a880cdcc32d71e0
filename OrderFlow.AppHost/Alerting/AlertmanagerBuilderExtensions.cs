using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrderFlow.AppHost.Configuration;
using OrderFlow.AppHost.Prometheus;
using OrderFlow.AppHost.Services;

namespace OrderFlow.AppHost.Alerting;

/// <summary>Alertmanager, with the routes of <c>monitoring/alertmanager.yml</c>: it tells people of what Prometheus finds.</summary>
internal static class AlertmanagerBuilderExtensions
{
    private const int PortInContainer = 9093;

    /// <summary>
    /// Adds it, if it is installed or a container engine answers; without it nobody is told, and all else runs.
    /// </summary>
    public static IResourceBuilder<IResourceWithEndpoints>? AddAlertmanager(
        this IDistributedApplicationBuilder builder, string name, SystemSettings settings, IResourceBuilder<ProjectResource>? monitor)
    {
        if (settings is { UsesAlertmanagerContainer: false, AlertmanagerProgram: null })
        {
            builder.OnBeforeStart((start, _) =>
            {
                Log.NoAlertmanager(start.Services.GetRequiredService<ILoggerFactory>().CreateLogger("OrderFlow.AppHost"));
                return Task.CompletedTask;
            });
            return null;
        }

        var directory = settings.RunDirectory.In(name);
        var configuration = new AlertmanagerConfiguration(
            Path.Combine(builder.AppHostDirectory, "..", "monitoring", AlertmanagerConfiguration.FileName), settings.Alerts);
        var alertmanager = settings.UsesAlertmanagerContainer
            ? builder.AddContainer(name, directory, settings)
            : (IResourceBuilder<IResourceWithEndpoints>)builder.AddProgram(name, directory, settings);
        builder.Eventing.Subscribe<BeforeResourceStartedEvent>(alertmanager.Resource, async (_, cancellationToken) =>
        {
            // The addresses are known once they are allocated, which is before any process starts.
            var address = monitor is null ? null : await ((IValueProvider)monitor.GetEndpoint("http")).GetValueAsync(cancellationToken);
            var token = monitor is null ? null : await monitor.Token().GetValueAsync(cancellationToken);
            if (settings.UsesAlertmanagerContainer)
            {
                address = address?.Replace("localhost", ContainerEngine.ThisMachine, StringComparison.Ordinal);
            }

            await configuration.WriteAsync(directory, address, token, cancellationToken);
        });
        monitor?.WithEnvironment("Monitor__AlertmanagerUrl", alertmanager.GetEndpoint("http")).WithChats(settings.Alerts);
        return alertmanager;
    }

    /// <summary>Prometheus scrapes it, and sends its alerts there.</summary>
    public static IResourceBuilder<IResourceWithEndpoints> Alerts(
        this IResourceBuilder<IResourceWithEndpoints> prometheus, IResourceBuilder<IResourceWithEndpoints>? alertmanager) =>
        alertmanager is null ? prometheus : prometheus.Scrapes(alertmanager.Resource.Name, alertmanager.GetEndpoint("http"));

    private static IResourceBuilder<ContainerResource> AddContainer(
        this IDistributedApplicationBuilder builder, string name, string directory, SystemSettings settings) =>
        builder.AddContainer(name, AlertmanagerImage.Image, AlertmanagerImage.Tag)
            .WithBindMount(directory, "/etc/alertmanager")
            .WithContainerRuntimeArgs("--user", "0:0", "--add-host", $"{ContainerEngine.ThisMachine}:host-gateway")
            .WithArgs(
                $"--config.file=/etc/alertmanager/{AlertmanagerConfiguration.FileName}", "--storage.path=/etc/alertmanager/data",
                "--cluster.listen-address=")
            .WithHttpEndpoint(port: settings.Ports.Alertmanager, targetPort: PortInContainer)
            .WithHttpHealthCheck("/-/ready")
            .WithIconName("Alert");

    private static IResourceBuilder<ExecutableResource> AddProgram(
        this IDistributedApplicationBuilder builder, string name, string directory, SystemSettings settings)
    {
        settings.RunDirectory.Create(name);
        var alertmanager = builder.AddExecutable(name, settings.AlertmanagerProgram!, directory)
            .WithHttpEndpoint(port: settings.Ports.Alertmanager, isProxied: false)
            .WithHttpHealthCheck("/-/ready")
            .WithIconName("Alert");
        var port = alertmanager.GetEndpoint("http").Property(EndpointProperty.Port);
        return alertmanager.WithArgs(
            $"--config.file={AlertmanagerConfiguration.FileName}",
            "--storage.path=data",
            "--cluster.listen-address=",
            ReferenceExpression.Create($"--web.listen-address=127.0.0.1:{port}"));
    }

    private static IResourceBuilder<ProjectResource> WithChats(this IResourceBuilder<ProjectResource> monitor, AlertSettings alerts)
    {
        foreach (var (name, value) in new[]
        {
            ("DingTalk__Url", alerts.DingTalkUrl),
            ("DingTalk__Secret", alerts.DingTalkSecret),
            ("WeCom__Url", alerts.WeComUrl),
            ("Slack__Url", alerts.SlackUrl),
        })
        {
            if (value is not null)
            {
                monitor.WithEnvironment($"Alerts__{name}", value);
            }
        }

        return monitor;
    }
}
