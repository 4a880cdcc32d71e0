using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Local;

/// <summary>The local twin of <c>Aspire.RabbitMQ.Client</c>, for builds without the Aspire packages.</summary>
public static class RabbitMQClient
{
    /// <summary>Registers an <see cref="IConnectionFactory"/> for the connection string <c>ConnectionStrings:{connectionName}</c>.</summary>
    public static void AddRabbitMQClient(this IHostApplicationBuilder builder, string connectionName) =>
        throw new NotSupportedException();
}
