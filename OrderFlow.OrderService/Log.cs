namespace OrderFlow.OrderService;

internal static partial class Log
{
    [LoggerMessage(5001, LogLevel.Debug, "Order {OrderId} completed.")]
    public static partial void OrderCompleted(ILogger logger, string orderId);

    [LoggerMessage(5002, LogLevel.Debug, "Order {OrderId} of {Lines} lines stored, payment requested.")]
    public static partial void PaymentRequested(ILogger logger, string orderId, int lines);

    [LoggerMessage(5003, LogLevel.Information, "Order {OrderId} rejected: {Reason}.")]
    public static partial void OrderRejected(ILogger logger, string orderId, string reason);

    [LoggerMessage(5004, LogLevel.Information, "Order {OrderId} came again after the inbox had forgotten it; nothing is done.")]
    public static partial void OrderExists(ILogger logger, string orderId);

    [LoggerMessage(5005, LogLevel.Warning, "Order {OrderId} has ended before; the outcome of payment {PaymentId} comes too late.")]
    public static partial void OrderHasEnded(ILogger logger, string orderId, string paymentId);

    [LoggerMessage(
        5007, LogLevel.Warning,
        "Order {OrderId} is rejected, and its payment {PaymentId} was approved after that; its refund is requested.")]
    public static partial void RefundRequested(ILogger logger, string orderId, string paymentId);

    [LoggerMessage(5006, LogLevel.Warning, "An order could not be read from the database.")]
    public static partial void OrderNotRead(ILogger logger, Exception exception);

    [LoggerMessage(5008, LogLevel.Warning, "A key could not be looked up in the database.")]
    public static partial void KeyNotClaimed(ILogger logger, Exception exception);
}
