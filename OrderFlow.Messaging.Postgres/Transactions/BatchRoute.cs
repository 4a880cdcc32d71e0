using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.Postgres.Transactions;

/// <summary>The way to a handler that handles all events of a transaction at once.</summary>
internal sealed class BatchRoute<TEvent, THandler>(EventSchema schema, RetryPolicy retry)
    : TransactionRoute<TEvent, THandler>(schema, retry)
    where TEvent : IMessage<TEvent>, new()
    where THandler : class, IBatchHandler<TEvent>
{
    public override Task<HandlingResult> HandleAsync(
        IServiceProvider services, EventContext context, IMessage @event, CancellationToken aborting)
    {
        return services.GetRequiredService<TransactionBatcher>().HandleAsync(
            this, context, @event, prepared: null, HandleInScopeAsync, aborting);

        async Task HandleInScopeAsync(
            IBatchTransaction transaction, IReadOnlyList<HandledEvent> events, CancellationToken cancellationToken)
        {
            await using var scope = services.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<THandler>().HandleAsync(
                transaction,
                [.. events.Select(one => new BatchedEvent<TEvent>(one, (TEvent)one.Delivery.Event))],
                cancellationToken);
        }
    }
}
