using OrderFlow.Contracts;
using OrderFlow.Messaging;
using OrderFlow.Messaging.Handling;
using OrderFlow.NotificationService.SimulateWork;

namespace OrderFlow.NotificationService.NotifyCustomer;

/// <summary>
/// An order was processed: tells the customer, says so, and observes how long it all took. When saying so fails, the retry tells the
/// customer again: at least once, not exactly once.
/// </summary>
internal sealed class NotifyCustomerHandler(
    ICustomerChannel channel,
    EndToEndLatency latency,
    SimulatedWork work,
    SimulatedFailure failure) : IEventHandler<OrderProcessed>, IDeadLetterObserver<OrderProcessed>
{
    public async Task HandleAsync(IHandlingContext context, OrderProcessed @event, CancellationToken cancellationToken)
    {
        await work.DoAsync(cancellationToken);
        failure.ThrowIfDue(context.Event.EventId);

        await channel.TellAsync(@event, cancellationToken);
        var micros = latency.MicrosSinceOrigin(context.Event);

        await context.PublishAsync(Told(@event, micros), cancellationToken);

        latency.Succeeded(context.Event, micros);
    }

    public void OnDeadLettered(EventContext context, OrderProcessed @event, Exception exception) => latency.Failed(context);

    private NotificationSent Told(OrderProcessed order, long micros) => new()
    {
        OrderId = order.OrderId,
        UserId = order.UserId,
        Channel = channel.Name,
        EndToEndMicros = micros,
    };
}
