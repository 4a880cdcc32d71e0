using Npgsql;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Messaging.Postgres.Transactions;

/// <summary>The view of a handler that works on the connection itself.</summary>
internal sealed class TransactionalContext(
    EventContext @event, TransactionalDelivery delivery, TransactionEffects effects, NpgsqlTransaction transaction)
    : HandledEvent(@event, delivery, effects), ITransactionalContext
{
    public NpgsqlConnection Connection { get; } = transaction.Connection!;

    public NpgsqlTransaction Transaction { get; } = transaction;

    public override void Close()
    {
        base.Close();
        try
        {
            // There is no property that tells whether a transaction has ended; this one throws then.
            _ = Transaction.IsolationLevel;
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidOperationException(
                $"The handler of {Event.EventId} has committed or rolled back the transaction that it was given. Remove that call: the " +
                "bus ends the transaction.",
                exception);
        }
    }
}
