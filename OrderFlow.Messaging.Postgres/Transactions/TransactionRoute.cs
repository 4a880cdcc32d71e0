using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.Postgres.Transactions;

/// <summary>The way to a handler whose effect, caused events and inbox entry are one transaction.</summary>
internal abstract class TransactionRoute<TEvent, THandler>(EventSchema schema, RetryPolicy retry)
    : EventRoute<TEvent, THandler>(schema, retry)
    where TEvent : IMessage<TEvent>, new()
    where THandler : class
{
    public override bool IsTransactional => true;

    public override void Validate(IServiceProvider services, string service)
    {
        if (services.GetService<TransactionalBatch>() is null)
        {
            throw new InvalidOperationException(
                $"{service} handles {WireType} in a transaction ({HandlerName}), but has no database. Add the line " +
                $"builder.AddDurability(\"<connection name>\"); where the service calls AddMessaging.");
        }
    }

    /// <summary>Runs the first step of a handler, in a scope of its own.</summary>
    /// <returns>What it made; of an event whose effect is there already and whose first step failed, that.</returns>
    protected async Task<(bool IsDuplicate, TPrepared? Prepared)> PrepareAsync<TPrepared>(
        IServiceProvider services, EventContext context, Func<THandler, TEvent, Task<TPrepared>> prepareAsync, IMessage @event,
        CancellationToken aborting)
    {
        try
        {
            await using var scope = services.CreateAsyncScope();
            return (false, await prepareAsync(scope.ServiceProvider.GetRequiredService<THandler>(), (TEvent)@event));
        }
        catch (Exception) when (!aborting.IsCancellationRequested)
        {
            if (await services.GetRequiredService<TransactionBatcher>().IsDuplicateAsync(this, context.EventId, aborting))
            {
                // No failure that a second delivery meets may make a dead letter of an event that is done.
                return (true, default);
            }

            throw;
        }
    }

    /// <summary>Has the event handled in some transaction, by a handler from a scope of its own.</summary>
    protected Task<HandlingResult> TransactAsync(
        IServiceProvider services,
        EventContext context,
        IMessage @event,
        Func<THandler, ITransactionalContext, TEvent, CancellationToken, Task> handleAsync,
        CancellationToken aborting)
    {
        return services.GetRequiredService<TransactionBatcher>().HandleAsync(this, context, @event, HandleInScopeAsync, aborting);

        async Task HandleInScopeAsync(ITransactionalContext transaction, IMessage body, CancellationToken cancellationToken)
        {
            await using var scope = services.CreateAsyncScope();
            await handleAsync(scope.ServiceProvider.GetRequiredService<THandler>(), transaction, (TEvent)body, cancellationToken);
        }
    }
}
