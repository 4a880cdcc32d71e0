using Microsoft.Extensions.DependencyInjection;
using OrderFlow.AppHost.Resources.RabbitMQ;

namespace OrderFlow.AppHost.Resources.Prometheus;

/// <summary>Prometheus, with the configuration and rules of <c>monitoring/</c>, and targets that follow the resources.</summary>
internal static partial class PrometheusServer
{
    private const string Retention = "15d";

    public static IResourceBuilder<IResourceWithEndpoints> AddPrometheus(this IDistributedApplicationBuilder builder, string name, Settings settings)
    {
        var directory = settings.RunDirectory.In(name);
        builder.OnBeforeStart((_, _) =>
        {
            settings.RunDirectory.Create(name, ScrapeTargets.Directory);
            CopyConfiguration(Path.Combine(builder.AppHostDirectory, "..", "monitoring"), directory);
            return Task.CompletedTask;
        });
        builder.Services.AddSingleton(new ScrapeTargets(Path.Combine(directory, ScrapeTargets.Directory)));
        builder.Services.AddHostedService<ScrapeTargetsWriter>();

        IResourceBuilder<IResourceWithEndpoints>? server = null;
        AddContainer(builder, name, directory, settings, ref server);
        return server ?? builder.AddProgram(name, directory, settings);
    }

    /// <summary>Every process of each service becomes a target, with the service's name as its job.</summary>
    public static IResourceBuilder<IResourceWithEndpoints> Scrapes(this IResourceBuilder<IResourceWithEndpoints> prometheus, params IResourceBuilder<ProjectResource>[] services)
    {
        foreach (var service in services)
        {
            prometheus.Targets().Add(service.Resource.Name, TargetsOf.ListeningUrls);
            // Behind one port, several processes have ports of their own.
            var alone = !service.Resource.Annotations.OfType<ReplicaAnnotation>().Any(replicas => replicas.Replicas > 1);
            if (alone && service.Resource.Annotations.OfType<EndpointAnnotation>().FirstOrDefault()?.Port is { } port)
            {
                prometheus.Targets().Expect(service.Resource.Name, port);
            }
        }

        return prometheus;
    }

    /// <summary>The broker's own metrics become a target.</summary>
    public static IResourceBuilder<IResourceWithEndpoints> Scrapes(this IResourceBuilder<IResourceWithEndpoints> prometheus, IResourceBuilder<IResourceWithConnectionString> broker)
    {
        prometheus.Targets().Add(broker.Resource.Name, TargetsOf.Endpoint(RabbitMQNodeResource.MetricsEndpoint));
        return prometheus;
    }

    /// <summary>Compiled only where containers are: see Containers/.</summary>
    static partial void AddContainer(
        IDistributedApplicationBuilder builder,
        string name,
        string directory,
        Settings settings,
        ref IResourceBuilder<IResourceWithEndpoints>? server);

    private static IResourceBuilder<ExecutableResource> AddProgram(this IDistributedApplicationBuilder builder, string name, string directory, Settings settings)
    {
        builder.Require(settings.PrometheusProgram, "prometheus");
        return builder.AddExecutable(
                name,
                settings.PrometheusProgram,
                directory,
                "--config.file=prometheus.yml",
                "--storage.tsdb.path=data",
                $"--storage.tsdb.retention.time={Retention}",
                "--enable-feature=exemplar-storage",
                $"--web.listen-address=127.0.0.1:{settings.Ports.Prometheus}")
            .WithHttpEndpoint(port: settings.Ports.Prometheus, isProxied: false)
            .WithHttpHealthCheck("/-/ready");
    }

    private static ScrapeTargets Targets(this IResourceBuilder<IResourceWithEndpoints> prometheus) =>
        prometheus.ApplicationBuilder.Services.Select(service => service.ImplementationInstance).OfType<ScrapeTargets>().Single();

    /// <summary>Prometheus finds rules and targets relative to its configuration, so all of it stands in one directory.</summary>
    private static void CopyConfiguration(string from, string to)
    {
        File.Copy(Path.Combine(from, "prometheus.yml"), Path.Combine(to, "prometheus.yml"), overwrite: true);
        var rules = Path.Combine(to, "rules");
        if (Directory.Exists(rules))
        {
            Directory.Delete(rules, recursive: true);
        }

        Directory.CreateDirectory(rules);
        foreach (var rule in Directory.EnumerateFiles(Path.Combine(from, "rules"), "*.yml"))
        {
            File.Copy(rule, Path.Combine(rules, Path.GetFileName(rule)));
        }
    }
}
