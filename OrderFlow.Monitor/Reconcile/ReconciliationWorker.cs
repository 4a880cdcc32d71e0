using System.Text.Json;
using Microsoft.Extensions.Options;
using Npgsql;
using OrderFlow.Messaging.Durability.Migrations;

namespace OrderFlow.Monitor.Reconcile;

/// <summary>Looks now and then, where a Prometheus is configured.</summary>
internal sealed class ReconciliationWorker(
    Reconciliation reconciliation, ISchema schema, IOptions<MonitorOptions> options, TimeProvider time, ILogger<ReconciliationWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (string.IsNullOrEmpty(options.Value.PrometheusUrl))
        {
            reconciliation.Fail($"No Prometheus is configured ({MonitorOptions.Section}:{nameof(MonitorOptions.PrometheusUrl)}), and only it knows what every service has handled.");
            return;
        }

        await schema.WaitUntilReadyAsync(stoppingToken);
        while (true)
        {
            try
            {
                await reconciliation.LookAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException or HttpRequestException or IOException or JsonException or TaskCanceledException
                && !stoppingToken.IsCancellationRequested)
            {
                reconciliation.Fail(exception is NpgsqlException ? "The database does not answer." : $"Prometheus does not answer at {options.Value.PrometheusUrl}: {exception.Message}");
                Log.NotReconciled(logger, options.Value.WatchPeriod, exception);
            }

            await Task.Delay(options.Value.WatchPeriod, time, stoppingToken);
        }
    }
}
