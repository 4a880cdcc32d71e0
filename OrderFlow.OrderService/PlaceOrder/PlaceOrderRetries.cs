using OrderFlow.Messaging.Routing;

namespace OrderFlow.OrderService.PlaceOrder;

/// <summary>An <c>order.created</c> that the Gateway cannot have published is not tried again.</summary>
internal static class PlaceOrderRetries
{
    public static void Configure(RetryPolicyBuilder retry) => retry.PermanentOn<InvalidDataException>();
}
