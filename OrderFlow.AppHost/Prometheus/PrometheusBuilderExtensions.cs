using Microsoft.Extensions.DependencyInjection;
using OrderFlow.AppHost.Configuration;
using OrderFlow.AppHost.RabbitMQ;

namespace OrderFlow.AppHost.Prometheus;

/// <summary>
/// Prometheus, with the configuration and rules of <c>monitoring/</c>, and targets that follow the resources. What it scrapes are
/// processes on the loopback address of this machine: a container reaches that only where the container engine lends it a name for the
/// host.
/// </summary>
internal static class PrometheusBuilderExtensions
{
    private const string Retention = "15d";
    private const int PortInContainer = 9090;

    public static IResourceBuilder<IResourceWithEndpoints> AddPrometheus(
        this IDistributedApplicationBuilder builder, string name, SystemSettings settings)
    {
        var directory = settings.RunDirectory.In(name);
        var configuration = new PrometheusConfiguration(Path.Combine(builder.AppHostDirectory, "..", "monitoring"));
        builder.OnBeforeStart((_, cancellationToken) =>
        {
            settings.RunDirectory.Create(name, ScrapeTargets.Directory);
            return configuration.WriteAsync(directory, cancellationToken);
        });
        builder.Services.AddSingleton(new ScrapeTargets(Path.Combine(directory, ScrapeTargets.Directory)));
        builder.Services.AddHostedService<ScrapeTargetsWriter>();
        return settings.UsesPrometheusContainer
            ? builder.AddContainer(name, directory, settings)
            : builder.AddProgram(name, directory, settings);
    }

    /// <summary>Every process of each service becomes a target, with the service's name as its job.</summary>
    public static IResourceBuilder<IResourceWithEndpoints> Scrapes(
        this IResourceBuilder<IResourceWithEndpoints> prometheus, params IResourceBuilder<ProjectResource>[] services)
    {
        foreach (var service in services)
        {
            prometheus.Targets().Add(service.Resource.Name, TargetsOf.ListeningUrls);
            // Behind one port, several processes have ports of their own.
            var alone = service.Resource.GetReplicaCount() == 1;
            if (alone && service.Resource.Annotations.OfType<EndpointAnnotation>().FirstOrDefault()?.Port is { } port)
            {
                prometheus.Targets().Expect(service.Resource.Name, port);
            }
        }

        return prometheus;
    }

    /// <summary>The broker's own metrics become a target.</summary>
    public static IResourceBuilder<IResourceWithEndpoints> Scrapes(
        this IResourceBuilder<IResourceWithEndpoints> prometheus, IResourceBuilder<IResourceWithConnectionString> broker)
    {
        return prometheus.Scrapes(
            broker.Resource.Name, ((IResourceWithEndpoints)broker.Resource).GetEndpoint(RabbitMQNodeResource.MetricsEndpoint));
    }

    /// <summary>An endpoint that is there once becomes a target.</summary>
    public static IResourceBuilder<IResourceWithEndpoints> Scrapes(
        this IResourceBuilder<IResourceWithEndpoints> prometheus, string job, EndpointReference endpoint)
    {
        prometheus.Targets().Add(job, TargetsOf.Endpoint(endpoint));
        return prometheus;
    }

    private static IResourceBuilder<ContainerResource> AddContainer(
        this IDistributedApplicationBuilder builder, string name, string directory, SystemSettings settings)
    {
        var container = builder.AddContainer(name, PrometheusImage.Image, PrometheusImage.Tag)
            .WithBindMount(directory, "/etc/prometheus", isReadOnly: true)
            // The directory can be read by its owner alone, and the image would run as nobody.
            .WithContainerRuntimeArgs("--user", "0:0", "--add-host", $"{ContainerEngine.ThisMachine}:host-gateway")
            .WithArgs(
                "--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus",
                $"--storage.tsdb.retention.time={Retention}", "--enable-feature=exemplar-storage")
            .WithHttpEndpoint(port: settings.Ports.Prometheus, targetPort: PortInContainer)
            .WithHttpHealthCheck("/-/ready")
            .ShowsGraph();
        container.Targets().SeenFrom(ContainerEngine.ThisMachine);
        return container;
    }

    private static IResourceBuilder<ExecutableResource> AddProgram(
        this IDistributedApplicationBuilder builder, string name, string directory, SystemSettings settings)
    {
        settings.Require(settings.PrometheusProgram, "prometheus");
        var prometheus = builder.AddExecutable(name, settings.PrometheusProgram, directory)
            .WithHttpEndpoint(port: settings.Ports.Prometheus, isProxied: false)
            .WithHttpHealthCheck("/-/ready")
            .ShowsGraph();
        var port = prometheus.GetEndpoint("http").Property(EndpointProperty.Port);
        return prometheus.WithArgs(
            "--config.file=prometheus.yml",
            "--storage.tsdb.path=data",
            $"--storage.tsdb.retention.time={Retention}",
            "--enable-feature=exemplar-storage",
            ReferenceExpression.Create($"--web.listen-address=127.0.0.1:{port}"));
    }

    private static IResourceBuilder<T> ShowsGraph<T>(this IResourceBuilder<T> prometheus)
        where T : IResourceWithEndpoints => prometheus
        .WithIconName("ChartMultiple")
        .WithUrlForEndpoint("http", url => (url.Url, url.DisplayText) = ("/graph", "Prometheus graph"));

    private static ScrapeTargets Targets(this IResourceBuilder<IResourceWithEndpoints> prometheus) =>
        prometheus.ApplicationBuilder.Services.Select(service => service.ImplementationInstance).OfType<ScrapeTargets>().Single();
}
