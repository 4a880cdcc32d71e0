using Microsoft.Extensions.Options;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Anomalies;

/// <summary>Looks for anomalies every minute, where a Prometheus is configured.</summary>
internal sealed class AnomalyWorker(
    AnomalyWatch watch, IOptions<AnomalyOptions> options, IOptions<MonitorOptions> monitor, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (string.IsNullOrEmpty(monitor.Value.PrometheusUrl))
        {
            watch.Fail(
                $"No Prometheus is configured ({MonitorOptions.Section}:{nameof(MonitorOptions.PrometheusUrl)}), "
                + "and only it keeps series.");
            return;
        }

        while (true)
        {
            await watch.LookAsync(stoppingToken);
            await Task.Delay(options.Value.Period, time, stoppingToken);
        }
    }
}
