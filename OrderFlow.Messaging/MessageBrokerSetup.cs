using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace OrderFlow.Messaging;

/// <summary>Names the broker that a service's bus or tap connects to.</summary>
public static class MessageBrokerSetup
{
    /// <summary>
    /// Registers an <c>IConnectionFactory</c> for <c>ConnectionStrings:{connectionName}</c>, by Aspire's RabbitMQ client.
    /// </summary>
    /// <exception cref="OptionsValidationException">
    /// There is no such connection string, or it is no AMQP address. The message says what to set and never repeats the value: it carries
    /// a password.
    /// </exception>
    public static void AddMessageBroker(this IHostApplicationBuilder builder, string connectionName) =>
        builder.AddRabbitMQClient(connectionName, settings =>
        {
            if (ProblemOf(connectionName, settings.ConnectionString) is { } problem)
            {
                throw new OptionsValidationException(connectionName, typeof(string), [problem]);
            }

            // The client's own spans would take the place of the bus's, and overwrite the traceparent that an event carries.
            settings.DisableTracing = true;
            // It would open a connection of its own; the bus's check tells whether the connections in use are up.
            settings.DisableHealthChecks = true;
        });

    private static string? ProblemOf(string connectionName, string? connectionString)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
        {
            return $"There is no connection string '{connectionName}'. The AppHost injects it; to run the service alone, set " +
                $"ConnectionStrings__{connectionName}=amqp://<user>:<password>@<host>:5672.";
        }

        if (!Uri.TryCreate(connectionString, UriKind.Absolute, out var uri) || uri.Scheme is not ("amqp" or "amqps") || uri.Host is "")
        {
            return $"The connection string '{connectionName}' is no AMQP address. "
                + "It must read amqp://<user>:<password>@<host>:<port>/<vhost>, "
                + "with special characters in user and password percent-encoded.";
        }

        // The client would quote user and password when it meets a second segment, and take a second colon for a part of the password.
        return uri.UserInfo.Count(':') > 1 || uri.Segments.Length > 2
            ? $"The connection string '{connectionName}' has more than user and password before the @, or more than a virtual host after " +
                "the port. It must read amqp://<user>:<password>@<host>:<port>/<vhost>."
            : null;
    }
}
