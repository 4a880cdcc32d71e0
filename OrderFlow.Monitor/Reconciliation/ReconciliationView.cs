namespace OrderFlow.Monitor.Reconciliation;

/// <summary>Whether every event that was published is accounted for at every consumer.</summary>
/// <param name="CollectedAt">When these figures were collected; absent when they never were.</param>
/// <param name="Settled">Whether the system is at rest: nothing waits, and the figures have not changed for a while. Only then do they have to agree.</param>
/// <param name="SettledAt">When it last was.</param>
/// <param name="Problem">Why nothing can be said at the moment.</param>
/// <param name="Rows">By event type and consumer.</param>
/// <param name="Consumers">What is in the consumers' queues.</param>
public sealed record ReconciliationView(
    DateTimeOffset? CollectedAt,
    bool Settled,
    DateTimeOffset? SettledAt,
    string? Problem,
    IReadOnlyList<ReconciliationRow> Rows,
    IReadOnlyList<ConsumerQueues> Consumers);

/// <summary>The account of one type of event at one consumer.</summary>
/// <param name="EventType">The wire type.</param>
/// <param name="Consumer">The service that handles it.</param>
/// <param name="Published">Different events published, as far as they are stored here.</param>
/// <param name="Handled">Events whose effect is committed, as the consumer's durable counter says.</param>
/// <param name="DeadLetters">Events that the consumer gave up and nobody decided about.</param>
/// <param name="Discarded">Events that were discarded there.</param>
/// <param name="Drift">What was left over when the system was last at rest; 0 is right, more is missing, less was there twice. Absent before.</param>
public sealed record ReconciliationRow(string EventType, string Consumer, long Published, long Handled, long DeadLetters, long Discarded, long? Drift)
{
    /// <summary>Published, and neither handled nor given up: in flight, or, at rest, missing.</summary>
    public long Outstanding => Published - Handled - DeadLetters - Discarded;
}

/// <summary>What is in the queues of a consumer.</summary>
/// <param name="Consumer">The service.</param>
/// <param name="InFlight">Messages that wait, are being handled, or wait for a retry.</param>
/// <param name="DeadLetters">Messages in its dead-letter queue.</param>
/// <param name="Untold">Of those, what nobody told of: unreadable ones, and what the broker moved there itself.</param>
public sealed record ConsumerQueues(string Consumer, long InFlight, long DeadLetters, long Untold);
