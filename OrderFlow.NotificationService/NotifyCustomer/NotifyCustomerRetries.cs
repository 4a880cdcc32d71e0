using OrderFlow.Messaging.Routing;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>The end of an order that OrderService cannot have published is not tried again.</summary>
internal static class NotifyCustomerRetries
{
    public static void Configure(RetryPolicyBuilder retry) => retry.PermanentOn<InvalidDataException>();
}
