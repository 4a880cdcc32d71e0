using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Local;

/// <summary>The local twin of <c>Aspire.RabbitMQ.Client</c>, for builds without the Aspire packages.</summary>
public static class RabbitMQClient
{
    /// <summary>Registers an <see cref="IConnectionFactory"/> for the connection string <c>ConnectionStrings:{connectionName}</c>.</summary>
    /// <remarks>A missing or invalid connection string is an <see cref="InvalidOperationException"/> when the factory is first asked for.</remarks>
    public static void AddRabbitMQClient(this IHostApplicationBuilder builder, string connectionName) =>
        builder.Services.TryAddSingleton<IConnectionFactory>(services =>
            CreateFactory(connectionName, services.GetRequiredService<IConfiguration>().GetConnectionString(connectionName)));

    private static ConnectionFactory CreateFactory(string connectionName, string? connectionString)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
        {
            throw new InvalidOperationException(
                $"There is no connection string '{connectionName}'. The AppHost injects it; to run the service alone, set " +
                $"ConnectionStrings__{connectionName}=amqp://<user>:<password>@<host>:5672.");
        }

        // The value carries a password, so no message may repeat it.
        if (!Uri.TryCreate(connectionString, UriKind.Absolute, out var uri) || uri.Scheme is not ("amqp" or "amqps") || uri.Host is "")
        {
            throw new InvalidOperationException(
                $"The connection string '{connectionName}' is no AMQP address. It must read amqp://<user>:<password>@<host>:<port>/<vhost>, " +
                "with special characters in user and password percent-encoded.");
        }

        try
        {
            return new ConnectionFactory { Uri = uri };
        }
        catch (ArgumentException)
        {
#pragma warning disable MA0054 // The inner exception would quote user and password.
            throw new InvalidOperationException(
                $"The connection string '{connectionName}' has more than user and password before the @, or more than a virtual host after " +
                "the port. It must read amqp://<user>:<password>@<host>:<port>/<vhost>.");
#pragma warning restore MA0054
        }
    }
}
