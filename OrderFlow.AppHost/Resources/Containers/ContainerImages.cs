namespace OrderFlow.AppHost.Resources.Containers;

/// <summary>The images, each pinned to a version.</summary>
internal static class ContainerImages
{
    /// <summary>Of <c>docker.io/library/rabbitmq</c>; the management plugin adds its suffix.</summary>
    public const string RabbitMQTag = "4.1.4";

    /// <summary>Of <c>docker.io/library/postgres</c>.</summary>
    public const string PostgresTag = "17.6";

    public const string Prometheus = "prom/prometheus";

    public const string PrometheusTag = "v3.5.0";
}
