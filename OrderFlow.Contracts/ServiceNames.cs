namespace OrderFlow.Contracts;

/// <summary>
/// The services of the system, as they call themselves in messages, metrics and logs, as their queues are called and as service discovery
/// finds them.
/// </summary>
public static class ServiceNames
{
    public const string Gateway = "gateway";
    public const string OrderService = "order-service";
    public const string PaymentService = "payment-service";
    public const string NotificationService = "notification-service";
    public const string Monitor = "monitor";

    /// <summary>The broker, as its connection string is called.</summary>
    public const string Broker = "messaging";
}
