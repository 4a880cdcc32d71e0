using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrderFlow.Hosting.ApplicationModel;

namespace OrderFlow.Hosting.Running;

/// <summary>Asks every process of a resource, not the proxy in front of them: one sick replica is not hidden by a sound one.</summary>
internal sealed class HttpHealthCheck(EndpointReference endpoint, string path, int expectedStatus) : IHealthCheck
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromSeconds(10) })
    {
        Timeout = TimeSpan.FromSeconds(3),
    };

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var answers = await Task.WhenAll(endpoint.EndpointAnnotation.TargetPorts.Select(port => ComplaintAsync(port, cancellationToken)));
        var complaints = answers.OfType<string>().ToArray();
        return complaints.Length == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(string.Join("; ", complaints));
    }

    private async Task<string?> ComplaintAsync(int port, CancellationToken cancellationToken)
    {
        var url = $"{endpoint.Scheme}://localhost:{port}{path}";
        try
        {
            using var answer = await Client.GetAsync(new Uri(url), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return (int)answer.StatusCode == expectedStatus ? null : $"{url} answers {(int)answer.StatusCode} instead of {expectedStatus}";
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return $"{url} does not answer: {failure.Message}";
        }
    }
}
