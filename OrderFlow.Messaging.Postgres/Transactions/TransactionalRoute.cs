using Google.Protobuf;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.Postgres.Transactions;

/// <summary>The way to a handler that does all of its work in the transaction.</summary>
internal sealed class TransactionalRoute<TEvent, THandler>(EventSchema schema, RetryPolicy retry)
    : TransactionRoute<TEvent, THandler>(schema, retry)
    where TEvent : IMessage<TEvent>, new()
    where THandler : class, ITransactionalHandler<TEvent>
{
    public override Task<HandlingResult> HandleAsync(
        IServiceProvider services, EventContext context, IMessage @event, CancellationToken aborting) =>
        TransactAsync(
            services,
            context,
            @event,
            static (handler, transaction, body, cancellationToken) => handler.HandleAsync(transaction, body, cancellationToken),
            aborting);
}
