using OrderFlow.AppHost.Configuration;

namespace OrderFlow.AppHost.RabbitMQ;

/// <summary>The broker: a container when there is an engine for it, otherwise a node run from the distribution's programs.</summary>
internal static class RabbitMQBuilderExtensions
{
    private const int MetricsPortInContainer = 15692;

    public static IResourceBuilder<IResourceWithConnectionString> AddBroker(this IDistributedApplicationBuilder builder, string name, SystemSettings settings)
    {
        var (userName, password) = builder.AddCredentials(name, settings);
        return settings.UsesContainers
            ? builder.AddContainer(name, userName, password, settings)
            : builder.AddNode(name, userName, password, settings);
    }

    private static IResourceBuilder<RabbitMQServerResource> AddContainer(
        this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource> userName, IResourceBuilder<ParameterResource> password, SystemSettings settings)
    {
        var configuration = Path.Combine(builder.AppHostDirectory, "RabbitMQ");
        var container = builder.AddRabbitMQ(name, userName, password, settings.Ports.RabbitMQ)
            .WithImageTag(RabbitMQImage.Tag)
            .WithManagementPlugin(settings.Ports.RabbitMQManagement)
            .WithHttpEndpoint(port: settings.Ports.RabbitMQMetrics, targetPort: MetricsPortInContainer, name: RabbitMQNodeResource.MetricsEndpoint)
            .WithBindMount(Path.Combine(configuration, "enabled_plugins"), "/etc/rabbitmq/enabled_plugins", isReadOnly: true)
            .WithBindMount(Path.Combine(configuration, "20-orderflow.conf"), "/etc/rabbitmq/conf.d/20-orderflow.conf", isReadOnly: true)
            .ShowsManagement();
        return settings.IsTest ? container : container.WithDataVolume();
    }

    private static IResourceBuilder<RabbitMQNodeResource> AddNode(
        this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource> userName, IResourceBuilder<ParameterResource> password, SystemSettings settings)
    {
        settings.Require(Path.Combine(settings.RabbitMQHome, "bin", "rabbitmq-server"), "rabbitmq-server");
        settings.Require("epmd", "erlang-base");
        builder.OnBeforeStart((_, _) =>
        {
            settings.RunDirectory.Create(name);
            return Task.CompletedTask;
        });

        var directory = settings.RunDirectory.In(name);
        var node = new RabbitMQNodeResource(name, directory, userName.Resource, password.Resource);
        var check = $"{name}_check";
        builder.Services.AddBrokerHealthCheck(check, node);
        return builder.AddResource(node)
            .WithIconName("MailMultiple")
            .WithArgs(Path.Combine(builder.AppHostDirectory, "RabbitMQ", "rabbitmq-node.sh"))
            .WithEndpoint(port: settings.Ports.RabbitMQ, scheme: "amqp", name: RabbitMQNodeResource.AmqpEndpoint, env: "NODE_AMQP_PORT", isProxied: false)
            .WithHttpEndpoint(port: settings.Ports.RabbitMQManagement, name: RabbitMQNodeResource.ManagementEndpoint, env: "NODE_MANAGEMENT_PORT", isProxied: false)
            .WithHttpEndpoint(port: settings.Ports.RabbitMQMetrics, name: RabbitMQNodeResource.MetricsEndpoint, env: "NODE_METRICS_PORT", isProxied: false)
            .WithEndpoint(port: settings.Ports.RabbitMQDistribution, name: "distribution", env: "NODE_DIST_PORT", isProxied: false)
            .WithEndpoint(port: settings.Ports.Epmd, name: "epmd", env: "NODE_EPMD_PORT", isProxied: false)
            .WithEnvironment("RABBITMQ_HOME", settings.RabbitMQHome)
            .WithEnvironment("NODE_DIRECTORY", directory)
            .WithEnvironment("NODE_USER", userName)
            .WithEnvironment("NODE_PASSWORD", password)
            .WithHealthCheck(check)
            .ShowsManagement();
    }

    /// <summary>Of its addresses a person opens the management page alone; the others are in the details.</summary>
    private static IResourceBuilder<T> ShowsManagement<T>(this IResourceBuilder<T> broker)
        where T : IResourceWithEndpoints => broker.WithUrls(context =>
    {
        foreach (var url in context.Urls)
        {
            var isManagement = url.Endpoint?.EndpointName == RabbitMQNodeResource.ManagementEndpoint;
            url.DisplayText = isManagement ? "RabbitMQ management" : url.Endpoint?.EndpointName;
            url.DisplayLocation = isManagement ? UrlDisplayLocation.SummaryAndDetails : UrlDisplayLocation.DetailsOnly;
        }
    });
}
