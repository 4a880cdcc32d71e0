using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.Postgres;

/// <summary>Handlers whose effect is in the service's database.</summary>
public static class MessagingBuilderExtensions
{
    /// <summary>
    /// Declares that <typeparamref name="THandler"/> handles the event with an effect in the service's database: each event has its effect
    /// once, however often it is delivered, and what the handler publishes goes out when, and only when, the effect is committed.
    /// </summary>
    /// <remarks>
    /// Needs <c>builder.AddDurability(…)</c>; without it the service does not start. Events that are ready at the same time share a
    /// transaction.
    /// The rule of <see cref="MessagingBuilder.Handles{TEvent, THandler}"/> holds: one handler per event.
    /// </remarks>
    /// <param name="builder">What the service publishes and handles.</param>
    /// <param name="retry">What of the service's retries is different for this handler.</param>
    public static MessagingBuilder HandlesInTransaction<TEvent, THandler>(
        this MessagingBuilder builder, Action<RetryPolicyBuilder>? retry = null)
        where TEvent : IMessage<TEvent>, new()
        where THandler : class, ITransactionalHandler<TEvent> =>
        WithBatcher(builder).AddHandler<TEvent, THandler>(
            retry, (schema, policy) => new TransactionalRoute<TEvent, THandler>(schema, policy));

    /// <summary>
    /// As <see cref="HandlesInTransaction{TEvent, THandler}"/>, with a first step of the handler before the transaction: for work outside
    /// of the database that takes its time.
    /// </summary>
    /// <param name="builder">What the service publishes and handles.</param>
    /// <param name="retry">What of the service's retries is different for this handler.</param>
    public static MessagingBuilder HandlesInTransaction<TEvent, TPrepared, THandler>(
        this MessagingBuilder builder, Action<RetryPolicyBuilder>? retry = null)
        where TEvent : IMessage<TEvent>, new()
        where THandler : class, IPreparingHandler<TEvent, TPrepared> =>
        WithBatcher(builder).AddHandler<TEvent, THandler>(
            retry, (schema, policy) => new PreparingRoute<TEvent, TPrepared, THandler>(schema, policy));

    /// <summary>
    /// As <see cref="HandlesInTransaction{TEvent, THandler}"/>, by a handler that handles all events of a transaction at once: a batch of
    /// them costs as many statements as one.
    /// </summary>
    /// <param name="builder">What the service publishes and handles.</param>
    /// <param name="retry">What of the service's retries is different for this handler.</param>
    public static MessagingBuilder HandlesInBatches<TEvent, THandler>(
        this MessagingBuilder builder, Action<RetryPolicyBuilder>? retry = null)
        where TEvent : IMessage<TEvent>, new()
        where THandler : class, IBatchHandler<TEvent> =>
        WithBatcher(builder).AddHandler<TEvent, THandler>(retry, (schema, policy) => new BatchRoute<TEvent, THandler>(schema, policy));

    /// <summary>
    /// As <see cref="HandlesInBatches{TEvent, THandler}"/>, with a first step of the handler before the transaction, for each event by
    /// itself.
    /// </summary>
    /// <param name="builder">What the service publishes and handles.</param>
    /// <param name="retry">What of the service's retries is different for this handler.</param>
    public static MessagingBuilder HandlesInBatches<TEvent, TPrepared, THandler>(
        this MessagingBuilder builder, Action<RetryPolicyBuilder>? retry = null)
        where TEvent : IMessage<TEvent>, new()
        where THandler : class, IPreparingBatchHandler<TEvent, TPrepared> =>
        WithBatcher(builder).AddHandler<TEvent, THandler>(
            retry, (schema, policy) => new PreparingBatchRoute<TEvent, TPrepared, THandler>(schema, policy));

    /// <summary>
    /// Keeps the order of what transactional handlers publish: the events of one aggregate leave the outbox in the order in which their
    /// transactions committed, and one that the broker has not confirmed holds back those after it.
    /// </summary>
    /// <remarks>Sets <c>Durability:PublishInOrder</c>, for every replica at the same time. What is published without a transaction goes
    /// out as it is handed over.</remarks>
    public static MessagingBuilder PublishesInOrder(this MessagingBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.PostConfigure<DurabilityOptions>(options => options.PublishInOrder = true);
        return builder;
    }

    private static MessagingBuilder WithBatcher(MessagingBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton<TransactionBatcher>();
        return builder;
    }
}
