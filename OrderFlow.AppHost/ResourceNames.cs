using OrderFlow.Contracts;

namespace OrderFlow.AppHost;

/// <summary>The names of the resources, as they appear in logs, metrics, service discovery and tests.</summary>
public static class ResourceNames
{
    /// <summary>The broker; also the name of its connection string.</summary>
    public const string Messaging = ServiceNames.Broker;

    public const string Postgres = "postgres";

    /// <summary>The database of OrderService; also the name of its connection string, as with the others.</summary>
    public const string Orders = DatabaseNames.Orders;

    public const string Payments = DatabaseNames.Payments;

    public const string Notifications = DatabaseNames.Notifications;

    /// <summary>The database of the Monitor.</summary>
    public const string Events = DatabaseNames.Events;

    /// <summary>Aspire's dashboard, which Aspire adds itself and calls so.</summary>
    public const string Dashboard = "aspire-dashboard";

    public const string Prometheus = "prometheus";

    public const string Alertmanager = "alertmanager";

    public const string Grafana = "grafana";

    public const string Gateway = ServiceNames.Gateway;

    public const string OrderService = ServiceNames.OrderService;

    public const string PaymentService = ServiceNames.PaymentService;

    public const string NotificationService = ServiceNames.NotificationService;

    public const string Monitor = ServiceNames.Monitor;
}
