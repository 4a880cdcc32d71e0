namespace OrderFlow.PaymentService;

internal static partial class Log
{
    [LoggerMessage(7001, LogLevel.Debug, "Payment {PaymentId} of order {OrderId}: {Outcome}.")]
    public static partial void PaymentProcessed(ILogger logger, string paymentId, string orderId, string outcome);

    [LoggerMessage(7002, LogLevel.Information, "The provider took payment {PaymentId} of order {OrderId} and does not answer.")]
    public static partial void PaymentUnanswered(ILogger logger, string paymentId, string orderId);

    [LoggerMessage(7003, LogLevel.Information, "Payment {PaymentId} of order {OrderId} is refunded.")]
    public static partial void PaymentRefunded(ILogger logger, string paymentId, string orderId);

    [LoggerMessage(
        7004, LogLevel.Warning, "Payment {PaymentId} of order {OrderId} was refunded before, or never charged; nothing is refunded.")]
    public static partial void NothingToRefund(ILogger logger, string paymentId, string orderId);
}
