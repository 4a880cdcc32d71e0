using OrderFlow.AppHost.Configuration;

namespace OrderFlow.AppHost.RabbitMQ;

/// <summary>The broker: a container when there is an engine for it, otherwise a node run from the distribution's programs.</summary>
internal static class RabbitMQBuilderExtensions
{
    private const int MetricsPortInContainer = 15692;

    /// <summary>User and group <c>rabbitmq</c> of the image.</summary>
    private const int UserInContainer = 999;

    public static IResourceBuilder<IResourceWithConnectionString> AddBroker(
        this IDistributedApplicationBuilder builder, string name, SystemSettings settings)
    {
        var (userName, password) = builder.AddCredentials(name, settings);
        var services = BrokerUsers.All
            .Select(user => (User: user, Password: builder.AddServicePassword(name, user.Service, user.Service, settings).Resource))
            .ToList();
        var definitions = new BrokerDefinitions(userName.Resource, password.Resource, services);
        IResourceBuilder<IResourceWithConnectionString> broker = settings.UsesContainers
            ? builder.AddContainer(name, userName, password, definitions, settings)
            : builder.AddNode(name, userName, password, definitions, settings);
        foreach (var (user, secret) in services)
        {
            broker.WithAnnotation(new ServiceLogin(user.Service, LoginAt(broker.Resource, user.Service, secret)));
        }

        return broker;
    }

    /// <summary>
    /// The service works with the broker, as a user that may do what its topology needs, and knows where the management API is.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithBroker(
        this IResourceBuilder<ProjectResource> service, IResourceBuilder<IResourceWithConnectionString> broker)
    {
        var management = EndpointOf(broker.Resource, RabbitMQNodeResource.ManagementEndpoint);
        var url =
            ReferenceExpression.Create(
                $"http://{management.Property(EndpointProperty.IPV4Host)}:{management.Property(EndpointProperty.Port)}");
        return service
            .LogsInAt(broker)
            .WithEnvironment("Messaging__ManagementUrl", url)
            .WaitFor(broker);
    }

    private static ReferenceExpression LoginAt(IResource broker, string user, ParameterResource password)
    {
        var amqp = EndpointOf(broker, RabbitMQNodeResource.AmqpEndpoint);
        return ReferenceExpression.Create(
            $"amqp://{user}:{password:uri}@{amqp.Property(EndpointProperty.IPV4Host)}:{amqp.Property(EndpointProperty.Port)}");
    }

    private static EndpointReference EndpointOf(IResource broker, string endpoint) => new((IResourceWithEndpoints)broker, endpoint);

    private static IResourceBuilder<RabbitMQServerResource> AddContainer(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource> userName,
        IResourceBuilder<ParameterResource> password,
        BrokerDefinitions definitions,
        SystemSettings settings)
    {
        var configuration = Path.Combine(builder.AppHostDirectory, "RabbitMQ");
        var container = builder.AddRabbitMQ(name, userName, password, settings.Ports.RabbitMQ)
            .WithImageTag(RabbitMQImage.Tag)
            .WithManagementPlugin(settings.Ports.RabbitMQManagement)
            .WithHttpEndpoint(
                port: settings.Ports.RabbitMQMetrics, targetPort: MetricsPortInContainer, name: RabbitMQNodeResource.MetricsEndpoint)
            .WithBindMount(Path.Combine(configuration, "enabled_plugins"), "/etc/rabbitmq/enabled_plugins", isReadOnly: true)
            .WithBindMount(Path.Combine(configuration, "20-orderflow.conf"), "/etc/rabbitmq/conf.d/20-orderflow.conf", isReadOnly: true)
            .WithContainerFiles(
                "/",
                async (_, cancellationToken) => [DefinitionsFolder(await definitions.WriteAsync(cancellationToken))],
                defaultOwner: UserInContainer,
                defaultGroup: UserInContainer)
            .ShowsManagement();
        return settings.IsTest ? container : container.WithDataVolume();
    }

    private static IResourceBuilder<RabbitMQNodeResource> AddNode(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource> userName,
        IResourceBuilder<ParameterResource> password,
        BrokerDefinitions definitions,
        SystemSettings settings)
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
            .WithEndpoint(
                port: settings.Ports.RabbitMQ, scheme: "amqp", name: RabbitMQNodeResource.AmqpEndpoint, env: "NODE_AMQP_PORT",
                isProxied: false)
            .WithHttpEndpoint(
                port: settings.Ports.RabbitMQManagement, name: RabbitMQNodeResource.ManagementEndpoint, env: "NODE_MANAGEMENT_PORT",
                isProxied: false)
            .WithHttpEndpoint(
                port: settings.Ports.RabbitMQMetrics, name: RabbitMQNodeResource.MetricsEndpoint, env: "NODE_METRICS_PORT",
                isProxied: false)
            .WithEndpoint(port: settings.Ports.RabbitMQDistribution, name: "distribution", env: "NODE_DIST_PORT", isProxied: false)
            .WithEndpoint(port: settings.Ports.Epmd, name: "epmd", env: "NODE_EPMD_PORT", isProxied: false)
            .WithEnvironment("RABBITMQ_HOME", settings.RabbitMQHome)
            .WithEnvironment("NODE_DIRECTORY", directory)
            .WithEnvironment(async start =>
                start.EnvironmentVariables["NODE_DEFINITIONS"] = await definitions.WriteAsync(start.CancellationToken))
            .WithHealthCheck(check)
            .ShowsManagement();
    }

    /// <summary>The folder of 20-orderflow.conf, for the eyes of the broker only.</summary>
    private static ContainerDirectory DefinitionsFolder(string definitions) => new()
    {
        Name = "orderflow",
        Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
        Entries =
        [
            new ContainerFile { Name = "definitions.json", Contents = definitions, Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite },
        ],
    };

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
