namespace OrderFlow.AppHost.RabbitMQ;

internal static class RabbitMQImage
{
    /// <summary>Of <c>docker.io/library/rabbitmq</c>; the management plugin adds its suffix.</summary>
    public const string Tag = "4.1.4";
}
