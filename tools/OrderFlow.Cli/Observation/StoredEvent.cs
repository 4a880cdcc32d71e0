namespace OrderFlow.Cli.Observation;

/// <summary>An event of the store, and how often it is there.</summary>
internal sealed record StoredEvent(Guid EventId, string WireType, string OrderId, string Source, long Times);
