using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.Postgres.Transactions;

/// <summary>The way to a handler that prepares each event by itself, and handles all events of a transaction at once.</summary>
internal sealed class PreparingBatchRoute<TEvent, TPrepared, THandler>(EventSchema schema, RetryPolicy retry)
    : TransactionRoute<TEvent, THandler>(schema, retry)
    where TEvent : IMessage<TEvent>, new()
    where THandler : class, IPreparingBatchHandler<TEvent, TPrepared>
{
    public override async Task<HandlingResult> HandleAsync(
        IServiceProvider services, EventContext context, IMessage @event, CancellationToken aborting)
    {
        var (isDuplicate, prepared) = await PrepareAsync(
            services, context, (handler, body) => handler.PrepareAsync(context, body, aborting), @event, aborting);
        return isDuplicate ? HandlingResult.Duplicate : await services.GetRequiredService<TransactionBatcher>().HandleAsync(
            this, context, @event, prepared, HandleInScopeAsync, aborting);

        async Task HandleInScopeAsync(
            IBatchTransaction transaction, IReadOnlyList<HandledEvent> events, CancellationToken cancellationToken)
        {
            await using var scope = services.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<THandler>().HandleAsync(
                transaction,
                [
                    .. events.Select(one => new BatchedEvent<TEvent, TPrepared>(
                        one, (TEvent)one.Delivery.Event, (TPrepared)one.Delivery.Prepared!)),
                ],
                cancellationToken);
        }
    }
}
