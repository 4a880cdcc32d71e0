using Google.Protobuf;
using Npgsql;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Postgres.Counters;
using OrderFlow.Messaging.Postgres.Outbox;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Messaging.Postgres.Transactions;

/// <summary>One event's view of a transaction; collects what its handler publishes, schedules and counts.</summary>
internal sealed class TransactionalContext(
    EventContext @event, NpgsqlTransaction transaction, IEncodedEventPublisher publisher, List<EncodedEvent> caused, PendingSchedule schedule, PendingCounts counts,
    TimeProvider time) : ITransactionalContext
{
    private bool _closed;

    public EventContext Event { get; } = @event;

    public NpgsqlConnection Connection { get; } = transaction.Connection!;

    public NpgsqlTransaction Transaction { get; } = transaction;

    public void Publish(IMessage @event) => caused.Add(Capture(@event, CausedNow()));

    public void PublishAt(IMessage @event, DateTimeOffset dueAt, string? token = null) =>
        schedule.Add(Capture(@event, CausedNow()) with { DueAt = dueAt < DateTimeOffset.UnixEpoch ? DateTimeOffset.UnixEpoch : dueAt.ToUniversalTime() }, token);

    public void CancelScheduled<TEvent>(string token)
        where TEvent : IMessage<TEvent>, new()
    {
        ArgumentNullException.ThrowIfNull(token);
        var wireType = publisher.WireTypeOf(new TEvent());
        RefuseLate($"{wireType} is cancelled");
        schedule.Cancel(wireType, token);
    }

    public void PublishEnd(IMessage @event, FlowLedger ledger)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        caused.Add(Capture(@event, Event.Caused(time) with { Stages = ledger.End() }));
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
        _closed = true;
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

    private EventContext CausedNow() => Event.Caused(time).Enter(Stage.Transaction, time);

    private EncodedEvent Capture(IMessage @event, EventContext context)
    {
        ArgumentNullException.ThrowIfNull(@event);
        RefuseLate($"{@event.Descriptor.Name} is published");
        return EncodedEvent.Capture(publisher.WireTypeOf(@event), @event, context.OfVersion(publisher.VersionOf(@event)));
    }

    private void RefuseLate(string what)
    {
        if (_closed)
        {
            throw new InvalidOperationException(
                $"{what} after the handler of {Event.EventId} has returned. Await everything that the handler starts.");
        }
    }
}
