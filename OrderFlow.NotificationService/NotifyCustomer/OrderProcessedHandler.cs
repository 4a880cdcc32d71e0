using OrderFlow.Contracts;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.NotificationService.Channels;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>Notifies the customer that their order is completed.</summary>
internal sealed class OrderProcessedHandler(CustomerNotifier notifier, FlowStages stages)
    : IPreparingHandler<OrderProcessed, NotificationResult>, IDeadLetterObserver<OrderProcessed>
{
    public Task<NotificationResult> PrepareAsync(EventContext context, OrderProcessed @event, CancellationToken cancellationToken) =>
        notifier.NotifyAsync(context, CustomerMessage.Of(context.EventId, @event), cancellationToken);

    public Task HandleAsync(
        ITransactionalContext context, OrderProcessed @event, NotificationResult result, CancellationToken cancellationToken)
    {
        context.PublishEnd(result.Sent, result.Ledger);
        context.Count(NotificationInstruments.Sent, 1, CustomerMessage.Completed);
        return Task.CompletedTask;
    }

    public void OnDeadLettered(EventContext context, OrderProcessed @event, Exception exception) => stages.Failed(context);
}
