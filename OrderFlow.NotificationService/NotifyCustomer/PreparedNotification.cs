using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.NotificationService.Channels;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>A notification before the transaction of its event.</summary>
/// <param name="Message">What the customer is told.</param>
/// <param name="Ledger">Where the time until the customer was notified went; <see langword="null"/> when that happens with the transaction,
/// because the message does not leave the system.</param>
internal sealed record PreparedNotification(CustomerMessage Message, FlowLedger? Ledger);
