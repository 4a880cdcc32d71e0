using Google.Protobuf;
using Npgsql;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Messaging.Postgres.Transactions;

/// <summary>
/// Handles all events of one kind that share a transaction at once, so that a hundred of them cost as many statements as one. Effect,
/// caused events and the note that the events are handled are committed together, as with <see cref="ITransactionalHandler{TEvent}"/>.
/// </summary>
/// <typeparam name="TEvent">The event.</typeparam>
public interface IBatchHandler<TEvent>
    where TEvent : IMessage
{
    /// <summary>
    /// Does the events' work: asks what it must know with <see cref="IBatchTransaction.QueryAsync"/>, decides for each event, and adds what
    /// is to be written with <see cref="IBatchTransaction.Add"/>. It may run more than once for one event, each time after everything that
    /// it did in the database was rolled back. One event that cannot be handled fails all: then each is handled alone.
    /// </summary>
    /// <remarks>Lock rows in the same order everywhere, and let database errors through.</remarks>
    Task HandleAsync(IBatchTransaction transaction, IReadOnlyList<BatchedEvent<TEvent>> events, CancellationToken cancellationToken);
}

/// <summary>
/// The same in two steps: work outside of the database first, for each event by itself, side by side with others and with no transaction
/// open, such as asking a payment provider.
/// </summary>
/// <typeparam name="TEvent">The event.</typeparam>
/// <typeparam name="TPrepared">What the first step hands to the second.</typeparam>
public interface IPreparingBatchHandler<TEvent, TPrepared>
    where TEvent : IMessage
{
    /// <inheritdoc cref="IPreparingHandler{TEvent, TPrepared}.PrepareAsync"/>
    Task<TPrepared> PrepareAsync(EventContext context, TEvent @event, CancellationToken cancellationToken);

    /// <inheritdoc cref="IBatchHandler{TEvent}.HandleAsync"/>
    Task HandleAsync(
        IBatchTransaction transaction, IReadOnlyList<BatchedEvent<TEvent, TPrepared>> events, CancellationToken cancellationToken);
}

/// <summary>
/// A transaction that goes to the server in as few round trips as there are questions in it, and one more for everything that is written,
/// the commit included.
/// </summary>
public interface IBatchTransaction
{
    /// <summary>
    /// Whether the events were tried before and failed for a reason that may be a conflict with others. Then nothing may be taken for
    /// granted that a constraint guards: lock and look first. There is one event alone then.
    /// </summary>
    bool IsRetry { get; }

    /// <summary>The connection, for statements that the others depend on; usable after the first <see cref="QueryAsync"/>.</summary>
    NpgsqlConnection Connection { get; }

    /// <summary>Adds a statement that is executed with the commit; what it returns is not read.</summary>
    void Add(NpgsqlBatchCommand command);

    /// <summary>Executes statements now, in the transaction.</summary>
    /// <returns>The result of the first of them; dispose of it before anything else is executed.</returns>
    Task<NpgsqlDataReader> QueryAsync(IReadOnlyList<NpgsqlBatchCommand> commands, CancellationToken cancellationToken);
}
