namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>Dead letters of one cause.</summary>
public sealed record DeadLetterGroup
{
    public required DeadLetterGroupKey Key { get; init; }

    public string Id => Key.Id;

    public required int Count { get; init; }

    /// <summary>How many different things they are about; here orders.</summary>
    public int Aggregates { get; init; }

    public DateTimeOffset? Oldest { get; init; }

    public DateTimeOffset? Newest { get; init; }

    /// <summary>The wire types among them, at most ten.</summary>
    public required IReadOnlyList<string> EventTypes { get; init; }

    /// <summary>The message id and the exception of the oldest, as an example.</summary>
    public string? ExampleMessageId { get; init; }

    public string? ExampleMessage { get; init; }
}

/// <summary>What a dead-letter queue holds.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Total">Messages looked at.</param>
/// <param name="NotSeen">Messages that could not be looked at, because another replay holds them or they are too many for one look.</param>
/// <param name="Aggregates">How many different things they are about; here orders. One may be in several groups.</param>
/// <param name="Groups">The largest group first.</param>
public sealed record DeadLetterListing(string Queue, int Total, long NotSeen, int Aggregates, IReadOnlyList<DeadLetterGroup> Groups);
