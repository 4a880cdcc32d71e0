namespace OrderFlow.AppHost.RabbitMQ;

/// <summary>
/// A RabbitMQ node of the system's own, run from the distribution's programs. Endpoints as on Aspire's container: <c>tcp</c>,
/// <c>management</c>.
/// </summary>
internal sealed class RabbitMQNodeResource(string name, string workingDirectory, ParameterResource userName, ParameterResource password)
    : ExecutableResource(name, "/bin/sh", workingDirectory), IResourceWithConnectionString
{
    public const string AmqpEndpoint = "tcp";
    public const string ManagementEndpoint = "management";
    public const string MetricsEndpoint = "metrics";

    /// <summary><c>amqp://user:password@127.0.0.1:port</c></summary>
    public ReferenceExpression ConnectionStringExpression
    {
        get
        {
            var amqp = new EndpointReference(this, AmqpEndpoint);
            return ReferenceExpression.Create(
                $"amqp://{userName:uri}:{password:uri}@{amqp.Property(EndpointProperty.IPV4Host)}:{amqp.Property(EndpointProperty.Port)}");
        }
    }
}
