namespace OrderFlow.NotificationService;

internal static partial class Log
{
    [LoggerMessage(6001, LogLevel.Information, "To customer {UserId} ({Email}): {Subject}.")]
    public static partial void CustomerNotified(ILogger logger, string userId, string email, string subject);

    [LoggerMessage(
        6002, LogLevel.Warning,
        "Order {OrderId} took {Micros} µs: negative, or more than a year. "
        + "The clocks of the Gateway and of this service differ. Its latency is not observed.")]
    public static partial void ImplausibleLatency(ILogger logger, string? orderId, long micros);

    [LoggerMessage(
        6003, LogLevel.Error,
        "The webhook {Url} answered 410 Gone: it is told nothing any more, and its notifications become dead letters. "
        + "To have it asked again, set another Notification:Webhook:Url, or delete its row in gone_webhooks.")]
    public static partial void WebhookGone(ILogger logger, Uri url);

    [LoggerMessage(
        6004, LogLevel.Error,
        "The mail server {Server} refuses every mail, not this one: {Problem}. "
        + "Notifications wait until it does not; it is asked again after {Pause}.")]
    public static partial void MailServerRefuses(ILogger logger, string server, string problem, TimeSpan pause);
}
