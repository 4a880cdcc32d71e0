using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace OrderFlow.AppHost.Resources.RabbitMQ;

/// <summary>The broker: a container when there is an engine for it, otherwise a node run from the distribution's programs.</summary>
internal static partial class Broker
{
    private const int PasswordLength = 32;

    public static IResourceBuilder<IResourceWithConnectionString> AddBroker(this IDistributedApplicationBuilder builder, string name, Settings settings)
    {
        var userName = builder.AddParameter($"{name}-user", "orderflow");
        var password = builder.AddParameter($"{name}-password", new GenerateParameterDefault { MinLength = PasswordLength, Special = false }, secret: true, persist: true);

        IResourceBuilder<IResourceWithConnectionString>? broker = null;
        AddContainer(builder, name, userName, password, settings, ref broker);
        return broker ?? builder.AddNode(name, userName, password, settings);
    }

    /// <summary>Compiled only where containers are: see Containers/.</summary>
    static partial void AddContainer(
        IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource> userName,
        IResourceBuilder<ParameterResource> password,
        Settings settings,
        ref IResourceBuilder<IResourceWithConnectionString>? broker);

    private static IResourceBuilder<RabbitMQNodeResource> AddNode(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource> userName,
        IResourceBuilder<ParameterResource> password,
        Settings settings)
    {
        builder.Require(Path.Combine(settings.RabbitMQHome, "bin", "rabbitmq-server"), "rabbitmq-server");
        builder.Require("epmd", "erlang-base");
        builder.OnBeforeStart((_, _) =>
        {
            settings.RunDirectory.Create(name);
            return Task.CompletedTask;
        });

        var directory = settings.RunDirectory.In(name);
        var clusterName = ClusterNameFor(directory);
        var checkKey = $"{name}-handshake";
        builder.Services.AddHealthChecks().AddCheck(checkKey, new HandshakeCheck(settings.Ports.RabbitMQ, clusterName));

        return builder.AddResource(new RabbitMQNodeResource(name, directory, userName.Resource, password.Resource))
            .WithArgs(Path.Combine(builder.AppHostDirectory, "Resources", "RabbitMQ", "rabbitmq-node.sh"))
            .WithEndpoint(port: settings.Ports.RabbitMQ, scheme: "amqp", name: RabbitMQNodeResource.AmqpEndpoint, isProxied: false)
            .WithHttpEndpoint(port: settings.Ports.RabbitMQManagement, name: RabbitMQNodeResource.ManagementEndpoint, isProxied: false)
            .WithHttpEndpoint(port: settings.Ports.RabbitMQMetrics, name: RabbitMQNodeResource.MetricsEndpoint, isProxied: false)
            .WithEnvironment("RABBITMQ_HOME", settings.RabbitMQHome)
            .WithEnvironment("NODE_DIRECTORY", directory)
            .WithEnvironment("NODE_CLUSTER", clusterName)
            .WithEnvironment("NODE_USER", userName)
            .WithEnvironment("NODE_PASSWORD", password)
            .WithEnvironment("NODE_AMQP_PORT", Text(settings.Ports.RabbitMQ))
            .WithEnvironment("NODE_MANAGEMENT_PORT", Text(settings.Ports.RabbitMQManagement))
            .WithEnvironment("NODE_METRICS_PORT", Text(settings.Ports.RabbitMQMetrics))
            .WithEnvironment("NODE_DIST_PORT", Text(settings.Ports.RabbitMQDistribution))
            .WithEnvironment("NODE_EPMD_PORT", Text(settings.Ports.Epmd))
            .WithHealthCheck(checkKey);
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    /// <summary>Tells this node from any other on the machine: same directory, same name.</summary>
    private static string ClusterNameFor(string directory) => $"orderflow-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(directory)))[..12]}";
}
