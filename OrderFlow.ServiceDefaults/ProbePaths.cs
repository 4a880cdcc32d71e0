namespace OrderFlow.ServiceDefaults;

/// <summary>
/// The endpoints that machines poll, and those that take OTLP: that a span arrived must be no span itself. They are left out of traces and
/// request metrics, which are about customers.
/// </summary>
internal static class ProbePaths
{
    public const string Health = "/health";
    public const string Alive = "/alive";
    public const string Metrics = "/metrics";

    public static bool Contains(string? path) => path is Health or Alive or Metrics or "/v1/traces" or "/v1/logs";
}
