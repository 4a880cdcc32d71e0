using Google.Protobuf;
using Npgsql;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Messaging.Postgres.Transactions;

/// <summary>
/// Handles one kind of event with an effect in the service's database. Effect, caused events and the note that the event
/// is handled are committed together, so that a second delivery has no effect and no caused event is lost.
/// </summary>
public interface ITransactionalHandler<in TEvent>
    where TEvent : IMessage
{
    /// <summary>
    /// Does the event's work on <see cref="ITransactionalContext.Connection"/>. It may run more than once for one event, each time
    /// after everything that it did in the database was rolled back; what it does elsewhere is not.
    /// </summary>
    /// <remarks>The transaction may hold other events, too. Lock rows in the same order everywhere, and let database errors
    /// through.</remarks>
    Task HandleAsync(ITransactionalContext context, TEvent @event, CancellationToken cancellationToken);
}

/// <summary>
/// Handles one kind of event in two steps: work outside of the database first, side by side with other events and with no transaction open,
/// such as asking a payment provider; then the effect, as <see cref="ITransactionalHandler{TEvent}"/> has it.
/// </summary>
/// <typeparam name="TEvent">The event.</typeparam>
/// <typeparam name="TPrepared">What the first step hands to the second.</typeparam>
public interface IPreparingHandler<in TEvent, TPrepared>
    where TEvent : IMessage
{
    /// <summary>
    /// Does the slow part. It runs again for an event that is delivered again or whose transaction failed, so whatever it asks of others
    /// must be idempotent: send the event's id, or one made from it. It throws as a handler does, and is tried again as one.
    /// </summary>
    Task<TPrepared> PrepareAsync(EventContext context, TEvent @event, CancellationToken cancellationToken);

    /// <inheritdoc cref="ITransactionalHandler{TEvent}.HandleAsync"/>
    Task HandleAsync(ITransactionalContext context, TEvent @event, TPrepared prepared, CancellationToken cancellationToken);
}

/// <summary>
/// What a handler knows of the event it handles and the transaction it works in, and how it causes other events. For one thread at a time.
/// </summary>
public interface ITransactionalContext : IHandledEvent
{
    /// <summary>The open connection of <see cref="Transaction"/>.</summary>
    NpgsqlConnection Connection { get; }

    /// <summary>The transaction of the effect; the bus commits it or rolls it back, the handler never does.</summary>
    NpgsqlTransaction Transaction { get; }
}
