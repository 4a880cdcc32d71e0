using OrderFlow.Contracts;
using OrderFlow.Messaging.LatencyLedger;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>A customer knows: what to say of it, and where the time until then went.</summary>
/// <param name="Sent">Says how long it took.</param>
/// <param name="Ledger">The same, stage by stage; its sum is <see cref="NotificationSent.EndToEndMicros"/>.</param>
internal sealed record NotificationResult(NotificationSent Sent, FlowLedger Ledger);
