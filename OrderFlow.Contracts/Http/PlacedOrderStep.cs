namespace OrderFlow.Contracts.Http;

/// <summary>A status that it took, or what happened to its payment after its end, and the event that brought it there.</summary>
public sealed record PlacedOrderStep(string Status, DateTimeOffset At, Guid EventId, string? Reason);
