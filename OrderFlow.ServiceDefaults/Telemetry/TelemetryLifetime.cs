using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace OrderFlow.ServiceDefaults.Telemetry;

/// <summary>
/// Brings the providers to life before any other hosted service starts, so that the first request and the first message
/// are already seen, and sends what they still hold after the last one has stopped.
/// </summary>
internal sealed class TelemetryLifetime(IServiceProvider services) : IHostedLifecycleService
{
    /// <summary>A collector that does not answer may hold up the end of a service for so long and no longer.</summary>
    private static readonly TimeSpan LastExport = TimeSpan.FromSeconds(3);

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        // First, so that it hears what the providers have to say.
        _ = services.GetService<SdkTrouble>();
        _ = services.GetService<MeterProvider>();
        _ = services.GetService<TracerProvider>();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>All at once; disposing them one after the other would add up their patience.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        var limit = (int)LastExport.TotalMilliseconds;
        return Task.WhenAll(
            Task.Run(() => services.GetService<TracerProvider>()?.Shutdown(limit), CancellationToken.None),
            Task.Run(() => services.GetService<MeterProvider>()?.Shutdown(limit), CancellationToken.None),
            Task.Run(() => services.GetService<LoggerProvider>()?.Shutdown(limit), CancellationToken.None));
    }
}
