namespace OrderFlow.Contracts.Http;

/// <summary>One line of it.</summary>
public sealed record PlacedOrderLine(string Id, int Quantity, decimal? UnitPrice);
