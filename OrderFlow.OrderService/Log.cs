namespace OrderFlow.OrderService;

internal static partial class Log
{
    [LoggerMessage(5001, LogLevel.Debug, "Order {OrderId} completed: {Lines} lines.")]
    public static partial void OrderCompleted(ILogger logger, string orderId, int lines);
}
