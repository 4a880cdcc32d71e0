using OrderFlow.Contracts;
using OrderFlow.Messaging;
using OrderFlow.Messaging.Durability;
using OrderFlow.Messaging.Handling;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>Tells the customer that their order is completed.</summary>
internal sealed class OrderProcessedHandler(CustomerNotifier notifier, EndToEndLatency latency) : ITransactionalHandler<OrderProcessed>, IDeadLetterObserver<OrderProcessed>
{
    public Task HandleAsync(ITransactionalContext context, OrderProcessed @event, CancellationToken cancellationToken) =>
        notifier.NotifyAsync(context, CustomerMessage.Of(context.Event.EventId, @event), cancellationToken);

    public void OnDeadLettered(EventContext context, OrderProcessed @event, Exception exception) => latency.Failed(context);
}
