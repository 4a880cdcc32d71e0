using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.Postgres.Transactions;

/// <summary>The way to a handler with work to do before its transaction.</summary>
internal sealed class PreparingRoute<TEvent, TPrepared, THandler>(EventSchema schema, RetryPolicy retry)
    : TransactionRoute<TEvent, THandler>(schema, retry)
    where TEvent : IMessage<TEvent>, new()
    where THandler : class, IPreparingHandler<TEvent, TPrepared>
{
    public override async Task<HandlingResult> HandleAsync(
        IServiceProvider services, EventContext context, IMessage @event, CancellationToken aborting)
    {
        TPrepared prepared;
        try
        {
            await using var scope = services.CreateAsyncScope();
            prepared = await scope.ServiceProvider.GetRequiredService<THandler>().PrepareAsync(context, (TEvent)@event, aborting);
        }
        catch (Exception) when (!aborting.IsCancellationRequested)
        {
            if (await services.GetRequiredService<TransactionBatcher>().IsDuplicateAsync(this, context.EventId, aborting))
            {
                // No failure that a second delivery meets may make a dead letter of an event that is done.
                return HandlingResult.Duplicate;
            }

            throw;
        }

        return await TransactAsync(
            services,
            context,
            @event,
            (handler, transaction, body, cancellationToken) => handler.HandleAsync(transaction, body, prepared, cancellationToken),
            aborting);
    }
}
