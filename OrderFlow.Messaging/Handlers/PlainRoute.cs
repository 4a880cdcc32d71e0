using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.Handlers;

/// <summary>The way to a handler that is called for one delivery at a time.</summary>
internal sealed class PlainRoute<TEvent, THandler>(EventSchema schema, RetryPolicy retry) : EventRoute<TEvent, THandler>(schema, retry)
    where TEvent : IMessage<TEvent>, new()
    where THandler : class, IEventHandler<TEvent>
{
    public override async Task<HandlingResult> HandleAsync(
        IServiceProvider services, EventContext context, IMessage @event, CancellationToken aborting)
    {
        var handling = new HandlingContext(
            context, services.GetRequiredService<IEventPublisher>(), services.GetRequiredService<TimeProvider>());
        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<THandler>().HandleAsync(handling, (TEvent)@event, aborting);
        return HandlingResult.Handled;
    }
}
