using System.Text.Json;
using Microsoft.Extensions.Options;
using Npgsql;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Reconciliation;

/// <summary>Reconciles every few seconds, where a Prometheus is configured.</summary>
internal sealed class ReconciliationWorker(
    Reconciler reconciler, ISchema schema, IOptions<MonitorOptions> options, TimeProvider time,
    ILogger<ReconciliationWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (string.IsNullOrEmpty(options.Value.PrometheusUrl))
        {
            reconciler.Fail(
                $"No Prometheus is configured ({MonitorOptions.Section}:{nameof(MonitorOptions.PrometheusUrl)}), and only it knows "
                + "what every service has handled.");
            return;
        }

        await schema.WaitUntilReadyAsync(stoppingToken);
        while (true)
        {
            try
            {
                await reconciler.ReconcileAsync(stoppingToken);
            }
#pragma warning disable CA1031 // One round that fails must not end the Monitor; the next one tries again.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                reconciler.Fail(exception switch
                {
                    NpgsqlException or TimeoutException => "The database does not answer.",
                    HttpRequestException or IOException or JsonException or TaskCanceledException =>
                        $"Prometheus does not answer at {options.Value.PrometheusUrl}: {exception.Message}",
                    _ => $"The reconciliation failed: {exception.Message}",
                });
                Log.NotReconciled(logger, options.Value.WatchPeriod, exception);
            }

            await Task.Delay(options.Value.WatchPeriod, time, stoppingToken);
        }
    }
}
