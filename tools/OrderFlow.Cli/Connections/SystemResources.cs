using OrderFlow.AppHost;

namespace OrderFlow.Cli.Connections;

/// <summary>The resources of the AppHost that an order passes.</summary>
internal static class SystemResources
{
    public static readonly string[] Services =
        [ResourceNames.Gateway, ResourceNames.OrderService, ResourceNames.PaymentService, ResourceNames.NotificationService];

    /// <summary>The databases that have an inbox and an outbox.</summary>
    public static readonly string[] Databases = [ResourceNames.Orders, ResourceNames.Payments, ResourceNames.Notifications];
}
