namespace OrderFlow.Monitor.Reconciliation;

/// <summary>Published against handled, given up and in flight, for every event type at every consumer.</summary>
/// <param name="CollectedAt">When these figures were collected; absent when they never were.</param>
/// <param name="Settled">Whether the system is idle: nothing is in flight, and the figures have not changed for a while. Only then do they
/// have to agree.</param>
/// <param name="SettledAt">When it last was idle.</param>
/// <param name="Problem">Why the last round could not be finished.</param>
/// <param name="Rows">By event type and consumer.</param>
/// <param name="Consumers">What is in the consumers' queues.</param>
public sealed record ReconciliationView(
    DateTimeOffset? CollectedAt,
    bool Settled,
    DateTimeOffset? SettledAt,
    string? Problem,
    IReadOnlyList<ReconciliationRow> Rows,
    IReadOnlyList<ConsumerQueues> Consumers);

/// <summary>The events of one type at one consumer.</summary>
/// <param name="EventType">The wire type.</param>
/// <param name="Consumer">The service that handles it.</param>
/// <param name="Published">Different events published, as far as they are stored here.</param>
/// <param name="Handled">Events whose effect is committed, as the consumer's durable counter says.</param>
/// <param name="DeadLetters">Events that the consumer gave up and nobody decided about.</param>
/// <param name="Discarded">Events that were discarded there.</param>
/// <param name="Drift">What was unaccounted for when the system was last idle: 0 is right, more was lost, less was handled twice. Absent
/// before the first time.</param>
public sealed record ReconciliationRow(
    string EventType, string Consumer, long Published, long Handled, long DeadLetters, long Discarded, long? Drift)
{
    /// <summary>Published, and neither handled nor given up: in flight, or, when the system is idle, lost.</summary>
    public long Outstanding => Published - Handled - DeadLetters - Discarded;
}

/// <summary>What is in the queues of a consumer.</summary>
/// <param name="Consumer">The service.</param>
/// <param name="InFlight">Messages that wait, are being handled, or wait for a retry.</param>
/// <param name="DeadLetters">Messages in its dead-letter queue.</param>
/// <param name="Untold">Of those, what no life-cycle event announced: unreadable ones, and what the broker moved there itself.</param>
public sealed record ConsumerQueues(string Consumer, long InFlight, long DeadLetters, long Untold);
