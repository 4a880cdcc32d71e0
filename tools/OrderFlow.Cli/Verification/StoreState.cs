namespace OrderFlow.Cli.Verification;

/// <summary>What the Monitor's store holds, and what others know of the same.</summary>
internal sealed record StoreState
{
    /// <summary>Events that services have handled, by their inboxes.</summary>
    public IReadOnlyList<HandledEvent> Handled { get; init; } = [];

    public IReadOnlyList<StoredEvent> Events { get; init; } = [];

    /// <summary>Events by type, as the store counts them.</summary>
    public IReadOnlyDictionary<string, long> Counts { get; init; } = new Dictionary<string, long>();

    public IReadOnlyList<StoredFlow> Flows { get; init; } = [];

    /// <summary>Of each order whose trace is sampled, the services whose spans are stored.</summary>
    public ILookup<string, string[]> Traces { get; init; } = Array.Empty<string>().ToLookup(order => order, _ => Array.Empty<string>());

    /// <summary>Messages that the Monitor set aside.</summary>
    public long Unreadable { get; init; }

    /// <summary>What the Monitor itself says.</summary>
    public MonitorAccount Account { get; init; } = new(UnstoredEvents: 0, OpenFlows: 0, new Dictionary<string, long>());
}

/// <summary>An event that a consumer of the database has handled.</summary>
internal sealed record HandledEvent(Guid EventId, string Database);

/// <summary>An event of the store, and how often it is there.</summary>
internal sealed record StoredEvent(Guid EventId, string WireType, string OrderId, string Source, long Times);

/// <summary>A flow of the store.</summary>
/// <param name="OrderId">The order that it is of.</param>
/// <param name="Status">Whether it has ended.</param>
/// <param name="Outcome">How.</param>
/// <param name="Events">How many events it has.</param>
internal sealed record StoredFlow(string OrderId, string Status, string? Outcome, int Events)
{
    public long? TotalMicros { get; init; }

    /// <summary>Whether it is counted as one that missed its deadline.</summary>
    public bool? IsLate { get; init; }

    /// <summary>Its latency ledger.</summary>
    public string? Stages { get; init; }

    /// <summary>What <c>notification.sent</c> says of the whole.</summary>
    public long? EndToEndMicros { get; init; }
}
