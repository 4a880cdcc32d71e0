namespace OrderFlow.Contracts.Http;

/// <summary>The order that an idempotency key belongs to, as OrderService answers the Gateway.</summary>
/// <param name="Fingerprint">SHA-256 of what is ordered, in hexadecimal.</param>
/// <param name="CorrelationId">The correlation id of the request that came first.</param>
/// <param name="Stored">Whether the order is stored already.</param>
public sealed record KeyClaim(string Fingerprint, string CorrelationId, bool Stored);
