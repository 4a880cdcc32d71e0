using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.NotificationService.Channels;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>Notifies customers that their orders are completed.</summary>
internal sealed class OrderProcessedHandler(CustomerNotifier notifier, FlowStages stages)
    : IPreparingBatchHandler<OrderProcessed, PreparedNotification>, IDeadLetterObserver<OrderProcessed>
{
    public Task<PreparedNotification> PrepareAsync(EventContext context, OrderProcessed @event, CancellationToken cancellationToken) =>
        notifier.PrepareAsync(context, CustomerMessage.Of(context.EventId, @event), cancellationToken);

    public Task HandleAsync(
        IBatchTransaction transaction, IReadOnlyList<BatchedEvent<OrderProcessed, PreparedNotification>> events,
        CancellationToken cancellationToken) =>
        notifier.NotifyAsync(transaction, events, cancellationToken);

    public void OnDeadLettered(EventContext context, OrderProcessed @event, Exception exception) => stages.Failed(context);
}
