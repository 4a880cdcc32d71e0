namespace OrderFlow.Cli.Ledgers;

/// <summary>One notification as its receiver got it.</summary>
/// <param name="NotificationId">The same on every delivery of the same notification.</param>
/// <param name="OrderId">As it was written.</param>
/// <param name="Kind">How the order ended: <c>order.processed</c> or <c>order.rejected</c>.</param>
/// <param name="Times">How often it arrived.</param>
internal sealed record WebhookCall(Guid NotificationId, string OrderId, string Kind, int Times);
