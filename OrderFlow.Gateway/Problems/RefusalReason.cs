namespace OrderFlow.Gateway.Problems;

/// <summary>The values of the label <c>reason</c> of <c>orders_rejected_total</c>.</summary>
internal static class RefusalReason
{
    public const string Malformed = "malformed";
    public const string Validation = "validation";
    public const string Header = "header";
    public const string IdempotencyKey = "idempotency_key";
    public const string MediaType = "media_type";
    public const string TooLarge = "too_large";
    public const string TooSlow = "too_slow";
    public const string Overloaded = "overloaded";
    public const string BrokerUnavailable = "broker_unavailable";
    public const string Aborted = "aborted";
}
