using OrderFlow.Messaging.Postgres.Counters;
using OrderFlow.Messaging.Postgres.Outbox;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Messaging.Postgres.Transactions;

/// <summary>What the events of one transaction cause so far; forgotten when it is rolled back.</summary>
internal sealed class TransactionEffects(IEncodedEventPublisher publisher, DurableCounters counters, TimeProvider time)
{
    /// <summary>Knows what the service publishes.</summary>
    public IEncodedEventPublisher Publisher { get; } = publisher;

    public TimeProvider Time { get; } = time;

    /// <summary>Events to publish.</summary>
    public List<EncodedEvent> Caused { get; } = [];

    /// <summary>The row of the outbox that holds all of them; <see langword="null"/> when each has its own.</summary>
    public Guid? Batch { get; set; }

    /// <summary>Events to publish later.</summary>
    public PendingSchedule Schedule { get; } = new();

    /// <summary>What is counted.</summary>
    public PendingCounts Counts { get; } = new(counters);
}
