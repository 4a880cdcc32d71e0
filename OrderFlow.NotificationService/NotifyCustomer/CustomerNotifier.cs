using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.NotificationService.Channels;
using OrderFlow.NotificationService.Simulation;
using OrderFlow.ServiceDefaults.Simulation;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>
/// Tells a customer once how their order ended, says so, and observes how long it all took.
/// </summary>
/// <remarks>
/// A redelivery, or a handling that is done again, finds the note that the customer was told and tells nobody. There is one window in
/// which a customer can be told twice: the service dies after the channel took the message and before that is noted. Both copies then
/// carry the same id. The latency is committed with the note that turns to 'told', so it is observed once, too.
/// </remarks>
internal sealed class CustomerNotifier(
    ICustomerChannel channel, NotificationRecord record, FlowStages stages, SimulatedWork work, SimulatedFailure failure,
    TimeProvider time)
{
    /// <summary>Tells the customer, unless they know.</summary>
    /// <returns>What to say of it.</returns>
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
