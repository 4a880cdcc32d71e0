using Google.Protobuf;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Postgres.Counters;
using OrderFlow.Messaging.Postgres.Database;

namespace OrderFlow.Messaging.Postgres.Transactions;

/// <summary>
/// An event that is handled in a transaction: what came with it, and what it causes when, and only when, the transaction commits. For one
/// thread at a time.
/// </summary>
public interface IHandledEvent
{
    /// <summary>The handled event's context.</summary>
    EventContext Event { get; }

    /// <summary>
    /// Publishes an event caused by the handled one (same flow, correlation and origin) when, and only when, the transaction commits.
    /// </summary>
    /// <exception cref="InvalidOperationException">The service does not declare that it publishes the event, or the handler has returned
    /// already.</exception>
    void Publish(IMessage @event);

    /// <summary>
    /// Schedules an event caused by the handled one: it is published when it is due, when, and only when, the transaction commits and
    /// nobody cancels it.
    /// </summary>
    /// <remarks>
    /// It waits in the database, so it survives every restart, and leaves through the outbox at most
    /// <see cref="DurabilityOptions.ScheduleInterval"/> later than it is due, by whichever replica is there. Until then it holds nothing
    /// back.
    /// </remarks>
    /// <param name="event">The event.</param>
    /// <param name="dueAt">When to publish it, by the clock of the database; at once if that has passed.</param>
    /// <param name="token">What to cancel it by, such as an order's id; <see langword="null"/> for what nobody will.</param>
    /// <exception cref="InvalidOperationException">The service does not declare that it publishes the event, or the handler has returned
    /// already.</exception>
    void PublishAt(IMessage @event, DateTimeOffset dueAt, string? token = null);

    /// <summary>
    /// Cancels the scheduled events of the type with the token when, and only when, the transaction commits. One that was due a moment ago
    /// may have left already: its handler must look whether there is anything to do.
    /// </summary>
    /// <typeparam name="TEvent">The event that was scheduled.</typeparam>
    /// <param name="token">What it was scheduled with.</param>
    /// <exception cref="InvalidOperationException">The service does not declare that it publishes the event, or the handler has returned
    /// already.</exception>
    void CancelScheduled<TEvent>(string token)
        where TEvent : IMessage<TEvent>, new();

    /// <summary>
    /// Publishes the event that ends the flow, as <see cref="Publish(IMessage)"/> does. It carries the ledger as it is: what the flow took
    /// is known, and neither this event's own way nor those that follow it change that.
    /// </summary>
    /// <param name="event">The event.</param>
    /// <param name="ledger">Where the flow's time went until its end, see <see cref="EventContext.LedgerUntilNow"/>.</param>
    /// <exception cref="InvalidOperationException">The service does not declare that it publishes the event, or the handler has returned
    /// already.</exception>
    void PublishEnd(IMessage @event, FlowLedger ledger);

    /// <summary>Counts when, and only when, the transaction commits: once, however often the handler runs.</summary>
    /// <param name="counter">What to count; registered with <c>AddDurableCounters</c>.</param>
    /// <param name="value">How many more, not negative.</param>
    /// <param name="labels">The values of the counter's labels, in their order.</param>
    /// <exception cref="InvalidOperationException">The counter is not registered, or the handler has returned already.</exception>
    /// <exception cref="ArgumentException">There is not one value for each label, or <paramref name="value"/> is negative.</exception>
    void Count(DurableCounter counter, long value = 1, params ReadOnlySpan<string> labels);
}
