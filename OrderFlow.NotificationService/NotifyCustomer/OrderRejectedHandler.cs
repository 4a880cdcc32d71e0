using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.NotificationService.Channels;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>
/// Notifies customers that their orders are rejected. For the latency histogram that is a success: the customer has an answer.
/// </summary>
internal sealed class OrderRejectedHandler(CustomerNotifier notifier, FlowStages stages)
    : IPreparingBatchHandler<OrderRejected, PreparedNotification>, IDeadLetterObserver<OrderRejected>
{
    public Task<PreparedNotification> PrepareAsync(EventContext context, OrderRejected @event, CancellationToken cancellationToken) =>
        notifier.PrepareAsync(context, CustomerMessage.Of(context.EventId, @event), cancellationToken);

    public Task HandleAsync(
        IBatchTransaction transaction, IReadOnlyList<BatchedEvent<OrderRejected, PreparedNotification>> events,
        CancellationToken cancellationToken) =>
        notifier.NotifyAsync(transaction, events, cancellationToken);

    public void OnDeadLettered(EventContext context, OrderRejected @event, Exception exception) => stages.Failed(context);
}
