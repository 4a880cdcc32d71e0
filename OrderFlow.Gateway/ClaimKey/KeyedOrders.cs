using OrderFlow.Gateway.Problems;

namespace OrderFlow.Gateway.ClaimKey;

/// <summary>
/// Places the order of an idempotency key once (draft-ietf-httpapi-idempotency-key-header-07): a key belongs to the first valid order that
/// came with it. The same order again gets the same answer and has no effect, another one is refused with 422, or with 409 while it is
/// still open how the first ends.
/// </summary>
internal sealed class KeyedOrders(RememberedKeys remembered, KeyClaimsClient claims)
{
    /// <summary>Places it, or says what became of it.</summary>
    /// <param name="orderId">The order's id, which follows from the key.</param>
    /// <param name="fingerprint">What is ordered.</param>
    /// <param name="correlationId">The request's own; the answer has that of the request that came first.</param>
    /// <param name="publishAsync">Publishes the order with that correlation id; returns why it was not accepted.</param>
    /// <param name="cancellationToken">Of a client that waits for the same order of another request.</param>
    public async Task<KeyedOutcome> PlaceAsync(
        Guid orderId, byte[] fingerprint, string correlationId, Func<string, Task<Refusal?>> publishAsync,
        CancellationToken cancellationToken)
    {
        var digits = Convert.ToHexStringLower(fingerprint);
        var key = remembered.Enter(orderId, digits, out var isMine);
        if (!isMine)
        {
            return key.Fingerprint == digits ? (await key.Outcome.WaitAsync(cancellationToken)) with { IsNew = false }
                : KeyedOutcome.Refused(correlationId, key.IsUnderWay ? KeyRefusals.InUse : KeyRefusals.Reused);
        }

        // What those get who wait, if this one fails in a way that nobody foresaw.
        var (outcome, belongsToAnother) =
            (KeyedOutcome.Refused(correlationId, Refusal.ForStatus(StatusCodes.Status500InternalServerError)), false);
        try
        {
            (outcome, belongsToAnother) = await PlaceFirstAsync(orderId, digits, correlationId, publishAsync);
            return outcome;
        }
        finally
        {
            remembered.Leave(key, outcome, forget: belongsToAnother);
        }
    }

    private async Task<(KeyedOutcome Outcome, bool BelongsToAnother)> PlaceFirstAsync(
        Guid orderId, string fingerprint, string correlationId, Func<string, Task<Refusal?>> publishAsync)
    {
        var claim = await claims.ClaimAsync(orderId, fingerprint, correlationId);
        if (claim is not null && claim.Fingerprint != fingerprint)
        {
            return (KeyedOutcome.Refused(correlationId, KeyRefusals.Reused), true);
        }

        var first = claim?.CorrelationId ?? correlationId;
        if (claim is not { Stored: true } && await publishAsync(first) is { } refusal)
        {
            return (KeyedOutcome.Refused(first, refusal), false);
        }

        // Asked after the confirm, so that an order is counted by one Gateway, however many took the request or died over it.
        var counted = await claims.CountAsync(orderId);
        return (new KeyedOutcome(first, null, counted?.First ?? true), false);
    }
}

/// <summary>How a request with a key ends.</summary>
/// <param name="CorrelationId">The correlation id of the order.</param>
/// <param name="Refusal">Why it is not accepted; <see langword="null"/> when it is.</param>
/// <param name="IsNew">Whether it is to be counted as accepted.</param>
internal sealed record KeyedOutcome(string CorrelationId, Refusal? Refusal, bool IsNew)
{
    public static KeyedOutcome Refused(string correlationId, Refusal refusal) => new(correlationId, refusal, IsNew: false);
}
