namespace OrderFlow.Benchmarks.Services.Hosting;

/// <summary>What a process of the journey does.</summary>
internal static class ServiceRoles
{
    public const string Gateway = "gateway";
    public const string OrderService = "order-service";
    public const string PaymentService = "payment-service";
    public const string NotificationService = "notification-service";
}
