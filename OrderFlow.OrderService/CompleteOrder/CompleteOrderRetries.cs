using OrderFlow.Messaging.Routing;

namespace OrderFlow.OrderService.CompleteOrder;

/// <summary>A <c>payment.processed</c> that PaymentService cannot have published is not tried again.</summary>
internal static class CompleteOrderRetries
{
    public static void Configure(RetryPolicyBuilder retry) => retry.PermanentOn<InvalidDataException>();
}
