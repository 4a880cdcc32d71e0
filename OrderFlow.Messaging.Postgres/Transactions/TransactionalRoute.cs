using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.Postgres.Transactions;

/// <summary>The way to a handler whose effect, caused events and inbox entry are one transaction.</summary>
internal class TransactionalRoute<TEvent, THandler>(EventSchema schema, RetryPolicy retry) : EventRoute<TEvent, THandler>(schema, retry)
    where TEvent : IMessage<TEvent>, new()
    where THandler : class
{
    public override bool IsTransactional => true;

    /// <summary>Whether the handler has work to do before its transaction.</summary>
    protected virtual bool Prepares => false;

    public override void Validate(IServiceProvider services, string service)
    {
        if (services.GetService<TransactionalBatch>() is null)
        {
            throw new InvalidOperationException(
                $"{service} handles {WireType} in a transaction ({HandlerName}), but has no database. Add the line " +
                $"builder.AddDurability(\"<connection name>\"); where the service calls AddMessaging.");
        }
    }

    public override async Task<HandlingResult> HandleAsync(
        IServiceProvider services, EventContext context, IMessage @event, CancellationToken aborting)
    {
        var batcher = services.GetRequiredService<TransactionBatcher>();
        object? prepared = null;
        try
        {
            if (Prepares)
            {
                await using var scope = services.CreateAsyncScope();
                prepared = await PrepareAsync(scope.ServiceProvider, context, (TEvent)@event, aborting);
            }
        }
        catch (Exception) when (!aborting.IsCancellationRequested)
        {
            if (await batcher.IsDuplicateAsync(this, context.EventId, aborting))
            {
                // No failure that a second delivery meets may make a dead letter of an event that is done.
                return HandlingResult.Duplicate;
            }

            throw;
        }

        return await batcher.HandleAsync(this, context, @event, HandleInScopeAsync, aborting);

        async Task HandleInScopeAsync(ITransactionalContext transaction, IMessage body, CancellationToken cancellationToken)
        {
            await using var scope = services.CreateAsyncScope();
            await HandleAsync(scope.ServiceProvider.GetRequiredService<THandler>(), transaction, (TEvent)body, prepared, cancellationToken);
        }
    }

    /// <summary>What the handler does before its transaction.</summary>
    protected virtual Task<object?> PrepareAsync(
        IServiceProvider scope, EventContext context, TEvent @event, CancellationToken cancellationToken) =>
        Task.FromResult<object?>(null);

    /// <summary>What it does in it.</summary>
    protected virtual Task HandleAsync(
        THandler handler, ITransactionalContext transaction, TEvent @event, object? prepared, CancellationToken cancellationToken) =>
        ((ITransactionalHandler<TEvent>)handler).HandleAsync(transaction, @event, cancellationToken);
}

/// <summary>The way to a handler with work to do before its transaction.</summary>
internal sealed class PreparingRoute<TEvent, TPrepared, THandler>(
    EventSchema schema, RetryPolicy retry) : TransactionalRoute<TEvent, THandler>(schema, retry)
    where TEvent : IMessage<TEvent>, new()
    where THandler : class, IPreparingHandler<TEvent, TPrepared>
{
    protected override bool Prepares => true;

    protected override async Task<object?> PrepareAsync(
        IServiceProvider scope, EventContext context, TEvent @event, CancellationToken cancellationToken) =>
        await scope.GetRequiredService<THandler>().PrepareAsync(context, @event, cancellationToken);

    protected override Task HandleAsync(
        THandler handler, ITransactionalContext transaction, TEvent @event, object? prepared, CancellationToken cancellationToken) =>
        handler.HandleAsync(transaction, @event, (TPrepared)prepared!, cancellationToken);
}
