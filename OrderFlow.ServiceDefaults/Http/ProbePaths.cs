namespace OrderFlow.ServiceDefaults.Http;

/// <summary>
/// The endpoints that machines poll, those that take OTLP (that a span arrived must be no span itself), and those that describe a service
/// or switch what it simulates. They are left out of traces and request metrics, which are about customers.
/// </summary>
internal static class ProbePaths
{
    public const string Health = "/health";
    public const string Alive = "/alive";
    public const string Metrics = "/metrics";

    private static readonly string[] Folders = ["/openapi", "/scalar", "/simulation"];

    public static bool Contains(string? path) =>
        path is Health or Alive or Metrics or "/v1/traces" or "/v1/logs" or "/v1/metrics" ||
        Array.Exists(
            Folders,
            folder =>
                path?.StartsWith(folder, StringComparison.Ordinal) == true
                    && (path.Length == folder.Length || path[folder.Length] == '/'));
}
