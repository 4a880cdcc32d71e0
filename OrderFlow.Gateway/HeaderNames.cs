namespace OrderFlow.Gateway;

/// <summary>The HTTP headers of this system that no standard names.</summary>
internal static class HeaderNames
{
    public const string CorrelationId = "X-Correlation-ID";
}
