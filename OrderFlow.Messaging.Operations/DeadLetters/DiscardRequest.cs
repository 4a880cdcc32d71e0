namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>What to take out of a dead-letter queue for good, and why.</summary>
/// <param name="Selection">Which; the others stay where they are.</param>
/// <param name="Reason">Why, in the operator's words; it is written beside each. Not blank.</param>
/// <param name="By">Who decided it. Not blank.</param>
public sealed record DiscardRequest(ReplaySelection Selection, string Reason, string By)
{
    /// <summary>Most messages discarded.</summary>
    public int Limit { get; init; } = int.MaxValue;

    /// <summary>Whether it only counts what it would discard.</summary>
    public bool DryRun { get; init; }

    /// <summary>The id of the run, for who has noted it before; a new one by default. Each run needs its own.</summary>
    public Guid? RunId { get; init; }

    /// <summary>
    /// Is called for each when it is written down and before it leaves the queue, for an audit log for example. What it throws ends the
    /// discard and leaves the message, and those after it, in the queue. After a crash it may be called for a message again.
    /// </summary>
    public Func<DiscardedLetter, CancellationToken, Task>? Observer { get; init; }
}

/// <summary>A dead letter that leaves its queue for good.</summary>
/// <param name="RunId">Which discard it was.</param>
/// <param name="Service">The service that could not handle it.</param>
/// <param name="MessageId">Its event id; a message that is none of OrderFlow's may have another, or none.</param>
/// <param name="EventType">Its wire type.</param>
/// <param name="Key">Why it was a dead letter.</param>
/// <param name="Reason">Why it was discarded.</param>
/// <param name="By">Who decided it.</param>
/// <param name="At">When it was discarded.</param>
public sealed record DiscardedLetter(
    Guid RunId, string Service, string? MessageId, string? EventType, DeadLetterGroupKey Key, string Reason, string By, DateTimeOffset At);

/// <summary>How far a discard has come.</summary>
/// <param name="Examined">Dead letters looked at.</param>
/// <param name="Discarded">Of them discarded, or in a dry run what would be.</param>
/// <param name="Total">Dead letters in the queue when it began.</param>
public sealed record DiscardProgress(int Examined, int Discarded, long Total);

/// <summary>What a discard did.</summary>
/// <param name="RunId">The id that each line written carries as <c>run</c>.</param>
/// <param name="Queue">Where they were.</param>
/// <param name="WrittenTo">The file that has them now.</param>
/// <param name="Total">Dead letters in the queue when it began.</param>
/// <param name="Examined">Dead letters looked at.</param>
/// <param name="Discarded">Dead letters discarded, or in a dry run those that would be.</param>
/// <param name="DryRun">Whether nothing was discarded or written.</param>
/// <param name="Interrupted">Whether it was stopped before its end.</param>
public sealed record DiscardResult(
    Guid RunId, string Queue, string WrittenTo, long Total, int Examined, int Discarded, bool DryRun, bool Interrupted);
