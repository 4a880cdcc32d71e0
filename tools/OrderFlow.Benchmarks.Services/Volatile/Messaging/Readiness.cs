using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OrderFlow.Benchmarks.Services.Volatile.Messaging;

/// <summary>Waits until a service's health checks say that it is connected.</summary>
internal static class Readiness
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static async Task WaitAsync(IServiceProvider services)
    {
        using var timeout = new CancellationTokenSource(Patience);
        var health = services.GetRequiredService<HealthCheckService>();
        while ((await health.CheckHealthAsync(timeout.Token)).Status != HealthStatus.Healthy)
        {
            await Task.Delay(Pause, timeout.Token);
        }
    }
}
