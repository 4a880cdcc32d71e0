using OrderFlow.Contracts;
using OrderFlow.Gateway.Problems;

namespace OrderFlow.Gateway.ClaimKey;

/// <summary>Why an order is turned away whose key belongs to another one (draft-ietf-httpapi-idempotency-key-header-07, 2.7).</summary>
internal static class KeyRefusals
{
    public static Refusal Reused { get; } = new(
        StatusCodes.Status422UnprocessableEntity,
        "idempotency-key-reused",
        $"This {HttpHeaders.IdempotencyKey} belongs to another order, which came first. "
        + "Each new order needs a key of its own, such as a random UUID.")
    {
        Reason = RefusalReason.IdempotencyKey,
        Outcome = RefusalOutcome.NotAccepted,
    };

    public static Refusal InUse { get; } = new(
        StatusCodes.Status409Conflict,
        "idempotency-key-in-use",
        $"Another order with this {HttpHeaders.IdempotencyKey} is being placed at this moment. "
        + "Each new order needs a key of its own, such as a random UUID.")
    {
        Reason = RefusalReason.IdempotencyKey,
        Outcome = RefusalOutcome.NotAccepted,
        RetryAfterSeconds = 1,
    };
}
