namespace OrderFlow.Cli.Observation;

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

    /// <summary>Messages that the Monitor could not read.</summary>
    public long Unreadable { get; init; }

    /// <summary>What the Monitor reports of itself.</summary>
    public MonitorStatus Monitor { get; init; } = new(UnstoredEvents: 0, OpenFlows: 0, new Dictionary<string, long>());
}
