using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Gateway;

internal static partial class Log
{
    [LoggerMessage(4001, LogLevel.Debug, "Order {OrderId} accepted, correlation id {CorrelationId}.")]
    public static partial void OrderAccepted(ILogger logger, string orderId, string correlationId);

    [LoggerMessage(4002, LogLevel.Debug, "Order refused with {Status} ({Reason}), correlation id {CorrelationId}.")]
    public static partial void OrderRefused(ILogger logger, int status, string reason, string? correlationId);

    [LoggerMessage(
        4003, LogLevel.Warning, "Order {OrderId} was not confirmed by the broker ({Failure}), correlation id {CorrelationId}: {Message}")]
    public static partial void OrderNotConfirmed(
        ILogger logger, string orderId, PublishFailure failure, string correlationId, string message);

    [LoggerMessage(4004, LogLevel.Debug, "The client went away before its order was complete, correlation id {CorrelationId}.")]
    public static partial void ClientWentAway(ILogger logger, string correlationId);

    [LoggerMessage(
        4006, LogLevel.Warning,
        "OrderService does not say which orders keys belong to: "
        + "until it does, orders are accepted without, and only keys that this process remembers are compared. {Message}")]
    public static partial void KeysNotCompared(ILogger logger, string message);

    [LoggerMessage(4007, LogLevel.Information, "OrderService says again which orders keys belong to.")]
    public static partial void KeysComparedAgain(ILogger logger);

    [LoggerMessage(
        4008, LogLevel.Warning,
        "More orders come than can be worked on: they wait for {Waiting:0} ms on their way, and {Rate:0} a second are taken. "
        + "About as many are let in until they wait no more, and the others turned away.")]
    public static partial void OrdersWait(ILogger logger, double waiting, double rate);

    [LoggerMessage(4009, LogLevel.Debug, "How long orders wait is not known: {Message}")]
    public static partial void NothingHeard(ILogger logger, string message);

    [LoggerMessage(4005, LogLevel.Warning, "OrderService gave no answer about an order: {Message}")]
    public static partial void OrderServiceSilent(ILogger logger, string message);
}
