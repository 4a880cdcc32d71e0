namespace OrderFlow.AppHost;

/// <summary>The names of the resources, as they appear in logs, metrics, service discovery and tests.</summary>
public static class ResourceNames
{
    /// <summary>The broker; also the name of its connection string.</summary>
    public const string Messaging = "messaging";

    public const string Prometheus = "prometheus";

    public const string Gateway = "gateway";

    public const string OrderService = "order-service";

    public const string NotificationService = "notification-service";
}
