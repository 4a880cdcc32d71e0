namespace OrderFlow.Cli.Observation;

/// <summary>A row of the notifications.</summary>
/// <param name="EventId">The event that the customer is notified of.</param>
/// <param name="OrderId">The order.</param>
/// <param name="Kind">What the customer is notified of: the event's wire type.</param>
/// <param name="IsSent">Whether the notification was sent, which ends the flow well and is committed by itself.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="IsHandled">
/// Whether the event's effect is committed: not if the broker gave the event up between the notification and the commit.
/// </param>
/// <param name="IsGivenUp">Whether the flow was recorded as given up, which it is not once the notification was sent.</param>
internal sealed record NotificationRow(
    Guid EventId, string OrderId, string Kind, bool IsSent, int Attempts, bool IsHandled = true, bool IsGivenUp = false);
