using Microsoft.Extensions.Hosting;

namespace OrderFlow.AppHost.Prometheus;

/// <summary>Keeps the targets up to date while the system runs.</summary>
internal sealed class ScrapeTargetsWriter(ScrapeTargets targets, ResourceNotificationService notifications) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var change in notifications.WatchAsync(stoppingToken))
            {
                targets.Follow(change);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The system stops; the last targets stay as they are.
        }
    }
}
