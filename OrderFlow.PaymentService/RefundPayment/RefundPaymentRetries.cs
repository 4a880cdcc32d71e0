using OrderFlow.Messaging.Routing;

namespace OrderFlow.PaymentService.RefundPayment;

/// <summary>
/// A <c>payment.refund-requested</c> that OrderService cannot have published is not tried again. When it is given up, the order's flow has
/// ended all the same.
/// </summary>
internal static class RefundPaymentRetries
{
    public static void Configure(RetryPolicyBuilder retry) => retry.PermanentOn<InvalidDataException>().AfterTheEnd();
}
