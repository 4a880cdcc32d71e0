using OrderFlow.Messaging.Routing;

namespace OrderFlow.OrderService.ExpireOrder;

/// <summary>An <c>order.payment-overdue</c> that this service cannot have scheduled is not tried again.</summary>
internal static class ExpireOrderRetries
{
    public static void Configure(RetryPolicyBuilder retry) => retry.PermanentOn<InvalidDataException>();
}
