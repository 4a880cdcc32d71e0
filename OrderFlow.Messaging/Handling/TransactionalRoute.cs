using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Messaging.Durability;

namespace OrderFlow.Messaging.Handling;

/// <summary>The way to a handler whose effect, caused events and inbox entry are one transaction.</summary>
internal interface ITransactionalRoute
{
    Task HandleAsync(IServiceProvider scope, ITransactionalContext context, IMessage @event, CancellationToken cancellationToken);
}

/// <inheritdoc cref="ITransactionalRoute"/>
internal sealed class TransactionalRoute<TEvent, THandler>(string wireType) : EventRoute<TEvent, THandler>(wireType), ITransactionalRoute
    where TEvent : IMessage<TEvent>, new()
    where THandler : class, ITransactionalHandler<TEvent>
{
    public Task HandleAsync(IServiceProvider scope, ITransactionalContext context, IMessage @event, CancellationToken cancellationToken) =>
        scope.GetRequiredService<THandler>().HandleAsync(context, (TEvent)@event, cancellationToken);
}
