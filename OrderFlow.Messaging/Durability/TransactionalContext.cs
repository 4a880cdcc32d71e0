using Google.Protobuf;
using Npgsql;
using OrderFlow.Messaging.Durability.Counting;

namespace OrderFlow.Messaging.Durability;

/// <summary>One event's view of a transaction; collects what its handler publishes and counts.</summary>
internal sealed class TransactionalContext(
    EventContext @event, NpgsqlTransaction transaction, IEncodedEventPublisher publisher, List<EncodedEvent> caused, PendingCounts counts, TimeProvider time) : ITransactionalContext
{
    private bool closed;

    public EventContext Event { get; } = @event;

    public NpgsqlConnection Connection { get; } = transaction.Connection!;

    public NpgsqlTransaction Transaction { get; } = transaction;

    public void Publish(IMessage @event)
    {
        ArgumentNullException.ThrowIfNull(@event);
        RefuseLate($"{@event.Descriptor.Name} is published");
        caused.Add(EncodedEvent.Capture(publisher.WireTypeOf(@event), @event, Event.Caused(time)));
    }

    public void Count(DurableCounter counter, long value = 1, params ReadOnlySpan<string> labels)
    {
        ArgumentNullException.ThrowIfNull(counter);
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        RefuseLate($"{counter.Name} is counted");
        counts.Add(counter, value, labels);
    }

    /// <summary>Ends the handler's time.</summary>
    /// <exception cref="InvalidOperationException">It has ended the transaction, too.</exception>
    public void Close()
    {
        closed = true;
        try
        {
            // There is no property that tells whether a transaction has ended; this one throws then.
            _ = Transaction.IsolationLevel;
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidOperationException(
                $"The handler of {Event.EventId} has committed or rolled back the transaction that it was given. Remove that call: the bus ends the transaction.", exception);
        }
    }

    private void RefuseLate(string what)
    {
        if (closed)
        {
            throw new InvalidOperationException($"{what} after the handler of {Event.EventId} has returned. Await everything that the handler starts.");
        }
    }
}
