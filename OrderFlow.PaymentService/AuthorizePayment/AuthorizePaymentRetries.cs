using OrderFlow.Messaging.Routing;

namespace OrderFlow.PaymentService.AuthorizePayment;

/// <summary>A <c>payment.requested</c> that OrderService cannot have published is not tried again.</summary>
internal static class AuthorizePaymentRetries
{
    public static void Configure(RetryPolicyBuilder retry) => retry.PermanentOn<InvalidDataException>();
}
