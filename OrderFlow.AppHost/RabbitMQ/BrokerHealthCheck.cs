using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;

namespace OrderFlow.AppHost.RabbitMQ;

/// <summary>Whether the system's own broker answers: whoever else listens on its port does not know the password.</summary>
internal static class BrokerHealthCheck
{
    private static readonly TimeSpan RecoveryInterval = TimeSpan.FromSeconds(1);

    public static void AddBrokerHealthCheck(this IServiceCollection services, string name, IResourceWithConnectionString broker)
    {
        // One connection for all checks: it recovers by itself when the broker comes back.
        IConnection? connection = null;
        services.AddHealthChecks().AddRabbitMQ(
            async _ => connection ??= await new ConnectionFactory
            {
                Uri = new((await broker.GetConnectionStringAsync(CancellationToken.None))!),
                NetworkRecoveryInterval = RecoveryInterval,
                ClientProvidedName = "apphost health check",
            }.CreateConnectionAsync(),
            name);
    }
}
