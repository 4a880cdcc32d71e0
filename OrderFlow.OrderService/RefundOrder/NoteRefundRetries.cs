using OrderFlow.Messaging.Routing;

namespace OrderFlow.OrderService.RefundOrder;

/// <summary>
/// A <c>payment.refunded</c> that PaymentService cannot have published is not tried again. When it is given up, the order's flow has
/// ended all the same.
/// </summary>
internal static class NoteRefundRetries
{
    public static void Configure(RetryPolicyBuilder retry) => retry.PermanentOn<InvalidDataException>().AfterTheEnd();
}
