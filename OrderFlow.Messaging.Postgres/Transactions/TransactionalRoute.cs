using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Handlers;

namespace OrderFlow.Messaging.Postgres.Transactions;

/// <summary>The way to a handler whose effect, caused events and inbox entry are one transaction.</summary>
internal interface ITransactionalRoute
{
    /// <param name="scope">Where the handler comes from.</param>
    /// <param name="context">The transaction.</param>
    /// <param name="event">The event.</param>
    /// <param name="prepared">What <see cref="IPreparingRoute.PrepareAsync"/> returned; <see langword="null"/> on other routes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task HandleAsync(IServiceProvider scope, ITransactionalContext context, IMessage @event, object? prepared, CancellationToken cancellationToken);
}

/// <summary>The way to a handler with work to do before its transaction.</summary>
internal interface IPreparingRoute : ITransactionalRoute
{
    Task<object?> PrepareAsync(IServiceProvider scope, EventContext context, IMessage @event, CancellationToken cancellationToken);
}

/// <inheritdoc cref="ITransactionalRoute"/>
internal sealed class TransactionalRoute<TEvent, THandler>(EventSchema schema, RetryPolicy retry) : EventRoute<TEvent, THandler>(schema, retry), ITransactionalRoute
    where TEvent : IMessage<TEvent>, new()
    where THandler : class, ITransactionalHandler<TEvent>
{
    public Task HandleAsync(IServiceProvider scope, ITransactionalContext context, IMessage @event, object? prepared, CancellationToken cancellationToken) =>
        scope.GetRequiredService<THandler>().HandleAsync(context, (TEvent)@event, cancellationToken);
}

/// <inheritdoc cref="IPreparingRoute"/>
internal sealed class PreparingRoute<TEvent, TPrepared, THandler>(EventSchema schema, RetryPolicy retry) : EventRoute<TEvent, THandler>(schema, retry), IPreparingRoute
    where TEvent : IMessage<TEvent>, new()
    where THandler : class, IPreparingHandler<TEvent, TPrepared>
{
    public async Task<object?> PrepareAsync(IServiceProvider scope, EventContext context, IMessage @event, CancellationToken cancellationToken) =>
        await scope.GetRequiredService<THandler>().PrepareAsync(context, (TEvent)@event, cancellationToken);

    public Task HandleAsync(IServiceProvider scope, ITransactionalContext context, IMessage @event, object? prepared, CancellationToken cancellationToken) =>
        scope.GetRequiredService<THandler>().HandleAsync(context, (TEvent)@event, (TPrepared)prepared!, cancellationToken);
}
