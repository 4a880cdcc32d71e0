namespace OrderFlow.NotificationService;

internal static partial class Log
{
    [LoggerMessage(6001, LogLevel.Information, "To customer {UserId} ({Email}): {Subject}.")]
    public static partial void CustomerTold(ILogger logger, string userId, string email, string subject);

    [LoggerMessage(6002, LogLevel.Warning, "Order {OrderId} ended {Micros} µs before it began: the clocks of the Gateway and of this service differ. Its latency is not observed.")]
    public static partial void EndedBeforeItBegan(ILogger logger, string? orderId, long micros);
}
