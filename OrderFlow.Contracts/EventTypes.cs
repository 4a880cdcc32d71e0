namespace OrderFlow.Contracts;

/// <summary>
/// The wire types of the events, for where code needs a constant. The messages' <c>wire_type</c> options have the same, and a test
/// compares them.
/// </summary>
public static class EventTypes
{
    public const string OrderCreated = "order.created";
    public const string OrderPaymentOverdue = "order.payment-overdue";
    public const string OrderProcessed = "order.processed";
    public const string OrderRejected = "order.rejected";
    public const string PaymentRequested = "payment.requested";
    public const string PaymentProcessed = "payment.processed";
    public const string PaymentRefundRequested = "payment.refund-requested";
    public const string PaymentRefunded = "payment.refunded";
    public const string NotificationSent = "notification.sent";
}
