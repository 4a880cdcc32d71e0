using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;

namespace OrderFlow.Messaging.Handlers;

/// <summary>The way to a handler that is called for one delivery at a time.</summary>
internal interface IPlainRoute
{
    Task HandleAsync(IServiceProvider scope, IHandlingContext context, IMessage @event, CancellationToken cancellationToken);
}

/// <inheritdoc cref="IPlainRoute"/>
internal sealed class PlainRoute<TEvent, THandler>(EventSchema schema, RetryPolicy retry) : EventRoute<TEvent, THandler>(schema, retry), IPlainRoute
    where TEvent : IMessage<TEvent>, new()
    where THandler : class, IEventHandler<TEvent>
{
    public Task HandleAsync(IServiceProvider scope, IHandlingContext context, IMessage @event, CancellationToken cancellationToken) =>
        scope.GetRequiredService<THandler>().HandleAsync(context, (TEvent)@event, cancellationToken);
}
