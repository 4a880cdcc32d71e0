using OrderFlow.Contracts;
using OrderFlow.Messaging.Durability;
using OrderFlow.NotificationService.RecordNotification;
using OrderFlow.NotificationService.SimulateWork;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>
/// Tells a customer once how their order ended, says so, and observes how long it all took.
/// </summary>
/// <remarks>
/// A redelivery, or a transaction that is done again, finds the note that the customer was told and tells nobody. There is one window in
/// which a customer can be told twice: the service dies after the channel took the message and before that is noted. Both copies then
/// carry the same id. The latency is observed where the note turns to 'told', so it is observed once, too.
/// </remarks>
internal sealed class CustomerNotifier(
    ICustomerChannel channel, NotificationRecord record, EndToEndLatency latency, SimulatedWork work, SimulatedFailure failure)
{
    public async Task NotifyAsync(ITransactionalContext context, CustomerMessage message, CancellationToken cancellationToken)
    {
        await work.DoAsync(cancellationToken);
        failure.ThrowIfDue(context.Event.EventId);

        if (await record.BeginAsync(message, channel, cancellationToken) is not { } micros)
        {
            await channel.TellAsync(message, cancellationToken);
            micros = latency.MicrosSinceOrigin(context.Event);
            if (await record.CompleteAsync(message, channel, micros))
            {
                latency.Succeeded(context.Event, micros);
            }
        }

        context.Publish(new NotificationSent { OrderId = message.OrderId, UserId = message.UserId, Channel = channel.Name, EndToEndMicros = micros });
        context.Count(NotificationInstruments.Sent, 1, message.Kind);
    }
}
