namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>Which dead letters a replay or a discard concerns; those not selected stay where they are.</summary>
public abstract record ReplaySelection
{
    private ReplaySelection()
    {
    }

    internal abstract bool Matches(DeadLetter letter);

    /// <summary>It in words, for a log or an audit.</summary>
    public abstract string Describe();

    /// <summary>The one with this <see cref="DeadLetter.Id"/> (every copy of it, should there be several).</summary>
    public sealed record Message(string Id) : ReplaySelection
    {
        /// <summary>The event with this id.</summary>
        public Message(Guid id)
            : this(id.ToString())
        {
        }

        internal override bool Matches(DeadLetter letter) => string.Equals(letter.Id, Id, StringComparison.OrdinalIgnoreCase);

        public override string Describe() => $"message {Id}";
    }

    /// <summary>Those of a group, named by its <see cref="DeadLetterGroup.Id"/>.</summary>
    public sealed record Group(string Id) : ReplaySelection
    {
        internal override bool Matches(DeadLetter letter) => string.Equals(letter.Key.Id, Id, StringComparison.OrdinalIgnoreCase);

        public override string Describe() => $"group {Id}";
    }

    public sealed record All : ReplaySelection
    {
        internal override bool Matches(DeadLetter letter) => true;

        public override string Describe() => "all";
    }
}

/// <summary>How a replay goes.</summary>
public sealed record ReplayRequest(ReplaySelection Selection)
{
    /// <summary>The lowest <see cref="Rate"/>: one in ten minutes.</summary>
    public const double LowestRate = 1.0 / 600;

    /// <summary>
    /// Most messages per second, at least <see cref="LowestRate"/>; <see langword="null"/> for as fast as the broker confirms.
    /// </summary>
    public double? Rate { get; init; }

    /// <summary>Most messages sent back.</summary>
    public int Limit { get; init; } = int.MaxValue;

    /// <summary>Whether it only counts what it would send back.</summary>
    public bool DryRun { get; init; }

    /// <summary>The id of the run, for who has noted it before; a new one by default. Each run needs its own.</summary>
    public Guid? RunId { get; init; }

    /// <summary>Is called with the message id of each before it goes.</summary>
    internal Action<string?>? Sending { get; init; }
}

/// <summary>How far a replay has come.</summary>
/// <param name="Examined">Dead letters looked at.</param>
/// <param name="Replayed">Of them sent back, or in a dry run what would be.</param>
/// <param name="Total">Dead letters in the queue when it began.</param>
public sealed record ReplayProgress(int Examined, int Replayed, long Total);

/// <summary>What a replay did.</summary>
/// <param name="RunId">The id that each message sent back carries as header <c>replay-run</c>.</param>
/// <param name="Queue">Where they were sent: the service's queue, or the exchange before its partitions.</param>
/// <param name="Total">Dead letters in the queue when it began.</param>
/// <param name="Examined">Dead letters looked at.</param>
/// <param name="Replayed">Dead letters sent back, or in a dry run those that would be.</param>
/// <param name="DryRun">Whether nothing was sent.</param>
/// <param name="Interrupted">Whether it was stopped before its end.</param>
public sealed record ReplayResult(Guid RunId, string Queue, long Total, int Examined, int Replayed, bool DryRun, bool Interrupted);
