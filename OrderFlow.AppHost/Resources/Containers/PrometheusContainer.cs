using OrderFlow.AppHost.Resources.Containers;

namespace OrderFlow.AppHost.Resources.Prometheus;

/// <content>
/// Prometheus as a container, where the program itself is missing. The program is preferred, unlike with the broker: what is scraped
/// are processes on the loopback address of this machine, and only a container engine with a machine of its own (Docker Desktop)
/// lets a container reach that.
/// </content>
internal static partial class PrometheusServer
{
    private const int PortInContainer = 9090;
    private const string ThisMachine = "host.docker.internal";

    static partial void AddContainer(
        IDistributedApplicationBuilder builder,
        string name,
        string directory,
        Settings settings,
        ref IResourceBuilder<IResourceWithEndpoints>? server)
    {
        if (Programs.Find(settings.PrometheusProgram) is not null || !ContainerEngine.IsThere)
        {
            return;
        }

        server = builder.AddContainer(name, ContainerImages.Prometheus, ContainerImages.PrometheusTag)
            .WithBindMount(directory, "/etc/prometheus", isReadOnly: true)
            // The directory can be read by its owner alone, and the image would run as nobody.
            .WithContainerRuntimeArgs("--user", "0:0", "--add-host", $"{ThisMachine}:host-gateway")
            .WithArgs("--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus", $"--storage.tsdb.retention.time={Retention}", "--enable-feature=exemplar-storage")
            .WithHttpEndpoint(port: settings.Ports.Prometheus, targetPort: PortInContainer)
            .WithHttpHealthCheck("/-/ready");
        server.Targets().SeenFrom(ThisMachine);
    }
}
