namespace OrderFlow.AppHost.RabbitMQ;

/// <summary>Which service may do what at the broker. One that declares more than this is refused.</summary>
internal static class BrokerUsers
{
    private const string Orders = "order.events";
    private const string Payments = "payment.events";
    private const string Notifications = "notification.events";

    public static IReadOnlyList<BrokerUser> All { get; } =
    [
        BrokerUser.OfService(ResourceNames.Gateway, publishes: [Orders], handles: []),
        BrokerUser.OfService(ResourceNames.OrderService, publishes: [Orders, Payments], handles: [Orders, Payments]),
        BrokerUser.OfService(ResourceNames.PaymentService, publishes: [Payments], handles: [Payments]),
        BrokerUser.OfService(ResourceNames.NotificationService, publishes: [Notifications], handles: [Orders]),
        BrokerUser.OfMonitor(
            ResourceNames.Monitor,
            hears: [Orders, Payments, Notifications],
            consumers: [ResourceNames.OrderService, ResourceNames.PaymentService, ResourceNames.NotificationService]),
    ];
}
