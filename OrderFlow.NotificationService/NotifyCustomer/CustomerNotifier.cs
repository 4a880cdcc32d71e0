using Google.Protobuf;
using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.NotificationService.Channels;
using OrderFlow.NotificationService.Simulation;
using OrderFlow.ServiceDefaults.Simulation;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>
/// Notifies customers once of the ends of their orders, and measures how long the whole flows took.
/// </summary>
/// <remarks>
/// A message that leaves the system is sent before the transaction of its event, and recorded apart from it: a redelivery, or a handling
/// that is done again, finds the record and sends nothing. There is one window in which a customer can be notified twice: the service dies
/// after the channel took the message and before that is recorded. Both copies then carry the same id. One that does not leave the
/// system, a line of the log, is recorded in the transaction; it comes again when that has to be done again. The latency is committed
/// with the record, so it is measured once, too.
/// </remarks>
internal sealed class CustomerNotifier(
    ICustomerChannel channel, NotificationRecord record, FlowStages stages, SimulatedWork work, SimulatedFailure failure,
    TimeProvider time)
{
    /// <summary>Notifies the customer over a channel that leaves the system, unless that was done before.</summary>
    public async Task<PreparedNotification> PrepareAsync(
        EventContext context, CustomerMessage message, CancellationToken cancellationToken)
    {
        await work.DoAsync(cancellationToken);
        failure.ThrowIfDue(context.EventId);
        if (!channel.ReachesOutside)
        {
            return new PreparedNotification(message, Ledger: null);
        }

        if (await record.BeginAsync(message, channel, cancellationToken) is not { } ledger)
        {
            await channel.SendAsync(message, cancellationToken);
            ledger = context.LedgerUntilNow(time);
            if (await record.CompleteAsync(context, message, channel, ledger))
            {
                stages.Succeeded(context, ledger);
            }
        }

        return new PreparedNotification(message, ledger);
    }

    /// <summary>Publishes what was sent, and notifies the other customers.</summary>
    public async Task NotifyAsync<TEvent>(
        IBatchTransaction transaction, IReadOnlyList<BatchedEvent<TEvent, PreparedNotification>> events,
        CancellationToken cancellationToken)
        where TEvent : IMessage
    {
        var before = transaction.IsRetry ? await NotificationRecord.FindAsync(
            transaction, events.Where(one => one.Prepared.Ledger is null).Select(one => one.Prepared.Message.Id), cancellationToken) : [];
        var notified = new List<NotifiedCustomer>(events.Count);
        foreach (var one in events)
        {
            var message = one.Prepared.Message;
            if ((one.Prepared.Ledger ?? before.GetValueOrDefault(message.Id)) is { } ledger)
            {
                Publish(one.Context, message, ledger);
                continue;
            }

            Task sending;
            using (one.Enter())
            {
                sending = channel.SendAsync(message, cancellationToken);
            }

            await sending;
            using (one.Enter())
            {
                ledger = one.Context.Event.LedgerUntilNow(time);
                notified.Add(record.Notified(one.Context.Event, message, ledger));
                Publish(one.Context, message, ledger);
                one.OnCommitted(() => stages.Succeeded(one.Context.Event, ledger));
            }
        }

        record.AddTo(transaction, notified, channel);
    }

    private void Publish(IHandledEvent context, CustomerMessage message, FlowLedger ledger)
    {
        var sent =
            new NotificationSent
            {
                OrderId = message.OrderId,
                UserId = message.UserId,
                Channel = channel.Name,
                EndToEndMicros = ledger.TotalMicros
            };
        context.PublishEnd(sent, ledger);
        context.Count(NotificationInstruments.Sent, 1, message.Kind);
    }
}
