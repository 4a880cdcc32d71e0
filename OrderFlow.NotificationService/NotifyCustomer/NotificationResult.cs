using OrderFlow.Contracts;
using OrderFlow.Messaging.LatencyLedger;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>The outcome of notifying a customer: the event to publish, and where the time until then went.</summary>
/// <param name="Sent">Says how long it took.</param>
/// <param name="Ledger">The same, stage by stage; its sum is <see cref="NotificationSent.EndToEndMicros"/>.</param>
internal sealed record NotificationResult(NotificationSent Sent, FlowLedger Ledger);
