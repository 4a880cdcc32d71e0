namespace OrderFlow.ServiceDefaults;

/// <summary>The endpoints that machines poll. They are left out of traces and request metrics, which are about customers.</summary>
internal static class ProbePaths
{
    public const string Health = "/health";
    public const string Alive = "/alive";
    public const string Metrics = "/metrics";

    public static bool Contains(string? path) => path is Health or Alive or Metrics;
}
