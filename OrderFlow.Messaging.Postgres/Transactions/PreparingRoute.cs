using Google.Protobuf;
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
        var (isDuplicate, prepared) = await PrepareAsync(
            services, context, (handler, body) => handler.PrepareAsync(context, body, aborting), @event, aborting);
        return isDuplicate ? HandlingResult.Duplicate : await TransactAsync(
            services,
            context,
            @event,
            (handler, transaction, body, cancellationToken) => handler.HandleAsync(transaction, body, prepared!, cancellationToken),
            aborting);
    }
}
