using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.NotificationService.Channels;
using OrderFlow.NotificationService.Simulation;
using OrderFlow.ServiceDefaults.Simulation;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>
/// Notifies a customer once of the end of their order, and measures how long the whole flow took.
/// </summary>
/// <remarks>
/// A redelivery, or a handling that is done again, finds the record and sends nothing. There is one window in
/// which a customer can be notified twice: the service dies after the channel took the message and before that is recorded. Both copies
/// then carry the same id. The latency is committed with the record that becomes 'told', so it is measured once, too.
/// </remarks>
internal sealed class CustomerNotifier(
    ICustomerChannel channel, NotificationRecord record, FlowStages stages, SimulatedWork work, SimulatedFailure failure,
    TimeProvider time)
{
    /// <summary>Notifies the customer, unless that was done before.</summary>
    /// <returns>The event to publish about it, and the latency ledger.</returns>
    public async Task<NotificationResult> NotifyAsync(EventContext context, CustomerMessage message, CancellationToken cancellationToken)
    {
        await work.DoAsync(cancellationToken);
        failure.ThrowIfDue(context.EventId);

        if (await record.BeginAsync(message, channel, cancellationToken) is not { } ledger)
        {
            await channel.SendAsync(message, cancellationToken);
            ledger = context.LedgerUntilNow(time);
            if (await record.CompleteAsync(context, message, channel, ledger))
            {
                stages.Succeeded(context, ledger);
            }
        }

        var sent =
            new NotificationSent
            {
                OrderId = message.OrderId,
                UserId = message.UserId,
                Channel = channel.Name,
                EndToEndMicros = ledger.TotalMicros
            };
        return new NotificationResult(sent, ledger);
    }
}
