using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Alerts;

/// <summary>Tells again of critical alerts that nobody acknowledges, and forgets old ones; where an Alertmanager is configured.</summary>
internal sealed class AlertWorker(
    AlertStore alerts, ISchema schema, IOptions<AlertOptions> options, IOptions<MonitorOptions> monitor, TimeProvider time,
    ILogger<AlertWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (string.IsNullOrEmpty(monitor.Value.AlertmanagerUrl))
        {
            return;
        }

        await schema.WaitUntilReadyAsync(stoppingToken);
        long? forgot = null;
        while (true)
        {
            try
            {
                await EscalateAsync(stoppingToken);
                if (forgot is not { } last || time.GetElapsedTime(last) >= monitor.Value.RetentionPeriod)
                {
                    await alerts.ForgetAsync(time.GetUtcNow() - monitor.Value.Retention, stoppingToken);
                    forgot = time.GetTimestamp();
                }
            }
#pragma warning disable CA1031 // One round that fails must not end the Monitor; the next one tries again.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                Log.AlertsNotWatched(logger, Period, exception);
            }

            await Task.Delay(Period, time, stoppingToken);
        }
    }

    private async Task EscalateAsync(CancellationToken stoppingToken)
    {
        if (options.Value.EscalateAfter > TimeSpan.Zero)
        {
            foreach (var alert in await alerts.EscalateAsync(options.Value.EscalateAfter, stoppingToken))
            {
                Log.Escalated(logger, alert.Name, alert.StartedAt, options.Value.EscalateAfter);
            }
        }
    }
}
