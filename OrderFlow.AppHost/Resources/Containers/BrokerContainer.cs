using OrderFlow.AppHost.Resources.Containers;

namespace OrderFlow.AppHost.Resources.RabbitMQ;

/// <content>The broker as a container.</content>
internal static partial class Broker
{
    private const int MetricsPortInContainer = 15692;

    static partial void AddContainer(
        IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource> userName,
        IResourceBuilder<ParameterResource> password,
        Settings settings,
        ref IResourceBuilder<IResourceWithConnectionString>? broker)
    {
        if (!ContainerEngine.IsThere)
        {
            return;
        }

        var container = builder.AddRabbitMQ(name, userName, password, settings.Ports.RabbitMQ)
            .WithImageTag(ContainerImages.RabbitMQTag)
            .WithManagementPlugin(settings.Ports.RabbitMQManagement)
            .WithHttpEndpoint(port: settings.Ports.RabbitMQMetrics, targetPort: MetricsPortInContainer, name: RabbitMQNodeResource.MetricsEndpoint)
            .WithBindMount(Path.Combine(builder.AppHostDirectory, "Resources", "Containers", "enabled_plugins"), "/etc/rabbitmq/enabled_plugins", isReadOnly: true)
            .WithBindMount(Path.Combine(builder.AppHostDirectory, "Resources", "Containers", "20-orderflow.conf"), "/etc/rabbitmq/conf.d/20-orderflow.conf", isReadOnly: true);
        broker = settings.IsTest ? container : container.WithDataVolume("orderflow-messaging");
    }
}
