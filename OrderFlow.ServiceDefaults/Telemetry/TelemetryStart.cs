using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace OrderFlow.ServiceDefaults.Telemetry;

/// <summary>
/// Brings the providers to life before any other hosted service starts, so that the first request and the first message
/// are already seen. They belong to the service container, which flushes and disposes them when the host ends.
/// </summary>
internal sealed class TelemetryStart(IServiceProvider services) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _ = services.GetService(typeof(MeterProvider));
        _ = services.GetService(typeof(TracerProvider));
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
