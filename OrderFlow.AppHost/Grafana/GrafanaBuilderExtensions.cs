using System.Globalization;
using OrderFlow.AppHost.Configuration;

namespace OrderFlow.AppHost.Grafana;

/// <summary>
/// Grafana with the dashboards of <c>monitoring/grafana</c>, where a container engine answers: distributions do not bring it, and nothing
/// of the system needs it.
/// </summary>
internal static class GrafanaBuilderExtensions
{
    private const string Image = "grafana/grafana";
    private const string Tag = "12.1.1";
    private const int PortInContainer = 3000;

    /// <summary>Adds it; <see langword="null"/> without a container engine.</summary>
    public static IResourceBuilder<ContainerResource>? AddGrafana(
        this IDistributedApplicationBuilder builder, string name, SystemSettings settings,
        IResourceBuilder<IResourceWithEndpoints> prometheus, IResourceBuilder<IResourceWithEndpoints>? alertmanager,
        IResourceBuilder<ProjectResource>? monitor)
    {
        if (!settings.UsesContainers)
        {
            return null;
        }

        var files = Path.Combine(builder.AppHostDirectory, "..", "monitoring", "grafana");
        var grafana = builder.AddContainer(name, Image, Tag)
            .WithBindMount(Path.Combine(files, "provisioning"), "/etc/grafana/provisioning", isReadOnly: true)
            .WithBindMount(Path.Combine(files, "dashboards"), "/etc/grafana/dashboards", isReadOnly: true)
            .WithHttpEndpoint(port: settings.Ports.Grafana, targetPort: PortInContainer)
            .WithHttpHealthCheck("/api/health")
            // Who reaches the port may look, as at Prometheus; nobody may change anything.
            .WithEnvironment("GF_AUTH_ANONYMOUS_ENABLED", "true")
            .WithEnvironment("GF_AUTH_ANONYMOUS_ORG_ROLE", "Viewer")
            .WithEnvironment("GF_AUTH_DISABLE_LOGIN_FORM", "true")
            .WithEnvironment("GF_ANALYTICS_REPORTING_ENABLED", "false")
            .WithEnvironment("GF_ANALYTICS_CHECK_FOR_UPDATES", "false")
            .WithEnvironment("GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH", "/etc/grafana/dashboards/orderflow-overview.json")
            .WithEnvironment("PROMETHEUS_URL", prometheus.GetEndpoint("http"))
            .WithIconName("DataTrending");
        if (alertmanager is not null)
        {
            grafana.WithEnvironment("ALERTMANAGER_URL", alertmanager.GetEndpoint("http"));
        }

        if (monitor is not null)
        {
            // For the browser, which is on this machine.
            var port = settings.Ports.Of(ResourceNames.Monitor)?.ToString(CultureInfo.InvariantCulture) ?? "";
            grafana.WithEnvironment("CONSOLE_URL", $"http://localhost:{port}");
        }

        return grafana;
    }
}
