namespace OrderFlow.AppHost;

/// <summary>The names of the resources, as they appear in logs, metrics, service discovery and tests.</summary>
public static class ResourceNames
{
    /// <summary>The broker; also the name of its connection string.</summary>
    public const string Messaging = "messaging";

    public const string Postgres = "postgres";

    /// <summary>The database of OrderService; also the name of its connection string, as with the others.</summary>
    public const string Orders = "orders";

    public const string Payments = "payments";

    public const string Notifications = "notifications";

    /// <summary>The database of the Monitor.</summary>
    public const string Events = "events";

    public const string Prometheus = "prometheus";

    public const string Gateway = "gateway";

    public const string OrderService = "order-service";

    public const string PaymentService = "payment-service";

    public const string NotificationService = "notification-service";

    public const string Monitor = "monitor";
}
