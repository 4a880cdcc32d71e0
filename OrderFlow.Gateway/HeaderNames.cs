namespace OrderFlow.Gateway;

/// <summary>The HTTP headers of this system that ASP.NET Core does not name.</summary>
internal static class HeaderNames
{
    public const string CorrelationId = "X-Correlation-ID";
    public const string TenantId = "X-Tenant-ID";
    public const string IdempotencyKey = "Idempotency-Key";
}
