using System.Text.Json;
using Microsoft.Extensions.Options;
using Npgsql;
using OrderFlow.Messaging.Postgres.Migrations;

namespace OrderFlow.Monitor.Reconciliation;

/// <summary>Looks now and then, where a Prometheus is configured.</summary>
internal sealed class ReconciliationWorker(
    AccountReconciler reconciliation, ISchema schema, IOptions<MonitorOptions> options, TimeProvider time, ILogger<ReconciliationWorker> logger) : BackgroundService
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
#pragma warning disable CA1031 // One round that fails must not end the Monitor; the next one looks again.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                reconciliation.Fail(exception switch
                {
                    NpgsqlException or TimeoutException => "The database does not answer.",
                    HttpRequestException or IOException or JsonException or TaskCanceledException => $"Prometheus does not answer at {options.Value.PrometheusUrl}: {exception.Message}",
                    _ => $"It could not be looked: {exception.Message}",
                });
                Log.NotReconciled(logger, options.Value.WatchPeriod, exception);
            }

            await Task.Delay(options.Value.WatchPeriod, time, stoppingToken);
        }
    }
}
