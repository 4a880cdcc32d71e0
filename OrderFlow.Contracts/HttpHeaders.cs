namespace OrderFlow.Contracts;

/// <summary>The HTTP headers of this system that no framework names.</summary>
public static class HttpHeaders
{
    /// <summary>Of an order's request: with the same key the order is placed once, however often it is sent.</summary>
    public const string IdempotencyKey = "Idempotency-Key";

    /// <summary>Of an order's request and of its answer: the id of everything that follows from the order.</summary>
    public const string CorrelationId = "X-Correlation-ID";

    /// <summary>Of an order's request: whose order it is, where several organisations share the system.</summary>
    public const string TenantId = "X-Tenant-ID";

    /// <summary>Of a customer's webhook: who sent the body, and when.</summary>
    public const string WebhookSignature = "X-OrderFlow-Signature";

    /// <summary>Of a customer's webhook: the id by which a receiver recognises repetitions.</summary>
    public const string NotificationId = "X-OrderFlow-Notification-Id";
}
