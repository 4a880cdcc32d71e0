namespace OrderFlow.Contracts.Http;

/// <summary>Who counts an order that has an idempotency key, as OrderService answers the Gateway.</summary>
/// <param name="First">Whether the order is to be counted as accepted by the Gateway that asks, because no other has counted it.</param>
public sealed record KeyCount(bool First);
