using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.NotificationService.Channels;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>
/// Notifies the customer that their order is rejected. For the latency histogram that is a success: the customer has an answer.
/// </summary>
internal sealed class OrderRejectedHandler(CustomerNotifier notifier, FlowStages stages)
    : IPreparingHandler<OrderRejected, NotificationResult>, IDeadLetterObserver<OrderRejected>
{
    public Task<NotificationResult> PrepareAsync(EventContext context, OrderRejected @event, CancellationToken cancellationToken) =>
        notifier.NotifyAsync(context, CustomerMessage.Of(context.EventId, @event), cancellationToken);

    public Task HandleAsync(
        ITransactionalContext context, OrderRejected @event, NotificationResult result, CancellationToken cancellationToken)
    {
        context.PublishEnd(result.Sent, result.Ledger);
        context.Count(NotificationInstruments.Sent, 1, CustomerMessage.Rejected);
        return Task.CompletedTask;
    }

    public void OnDeadLettered(EventContext context, OrderRejected @event, Exception exception) => stages.Failed(context);
}
