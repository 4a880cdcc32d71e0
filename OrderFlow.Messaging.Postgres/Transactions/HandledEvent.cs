using Google.Protobuf;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Postgres.Counters;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Messaging.Postgres.Transactions;

/// <summary>One event's view of a transaction; collects what its handler publishes, schedules and counts.</summary>
/// <param name="event">What came with it.</param>
/// <param name="delivery">How it came.</param>
/// <param name="effects">What the transaction's events cause.</param>
internal class HandledEvent(EventContext @event, TransactionalDelivery delivery, TransactionEffects effects) : IHandledEvent
{
    private bool _closed;

    public EventContext Event { get; } = @event;

    public TransactionalDelivery Delivery { get; } = delivery;

    /// <summary>Its trace and log scope; <see langword="null"/> for whatever is current.</summary>
    public ExecutionContext? Surroundings => Delivery.Surroundings;

    /// <summary>What is to be done once the transaction is committed.</summary>
    public Action? Committed { get; set; }

    public void Publish(IMessage @event) => effects.Caused.Add(Capture(@event, CausedNow()));

    public void PublishAt(IMessage @event, DateTimeOffset dueAt, string? token = null) =>
        effects.Schedule.Add(
            Capture(@event, CausedNow()) with
            {
                DueAt = dueAt < DateTimeOffset.UnixEpoch ? DateTimeOffset.UnixEpoch : dueAt.ToUniversalTime(),
            },
            token);

    public void CancelScheduled<TEvent>(string token)
        where TEvent : IMessage<TEvent>, new()
    {
        ArgumentNullException.ThrowIfNull(token);
        var wireType = effects.Publisher.WireTypeOf(new TEvent());
        RefuseLate($"{wireType} is cancelled");
        effects.Schedule.Cancel(wireType, token);
    }

    public void PublishEnd(IMessage @event, FlowLedger ledger)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        effects.Caused.Add(Capture(@event, Event.Caused(effects.Time) with { Stages = ledger.End() }));
    }

    public void Count(DurableCounter counter, long value = 1, params ReadOnlySpan<string> labels)
    {
        ArgumentNullException.ThrowIfNull(counter);
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        RefuseLate($"{counter.Name} is counted");
        effects.Counts.Add(counter, value, labels);
    }

    /// <summary>Ends the handler's time.</summary>
    /// <exception cref="InvalidOperationException">It has ended the transaction, too.</exception>
    public virtual void Close() => _closed = true;

    private EventContext CausedNow() => Event.Caused(effects.Time).Enter(Stage.Transaction, effects.Time);

    private EncodedEvent Capture(IMessage @event, EventContext context)
    {
        ArgumentNullException.ThrowIfNull(@event);
        RefuseLate($"{@event.Descriptor.Name} is published");
        return EncodedEvent.Capture(
            effects.Publisher.WireTypeOf(@event),
            @event,
            context.OfVersion(effects.Publisher.VersionOf(@event)),
            Delivery.Span);
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
