namespace OrderFlow.PaymentService;

internal static partial class Log
{
    [LoggerMessage(7001, LogLevel.Debug, "Payment {PaymentId} of order {OrderId}: {Outcome}.")]
    public static partial void PaymentProcessed(ILogger logger, string paymentId, string orderId, string outcome);
}
