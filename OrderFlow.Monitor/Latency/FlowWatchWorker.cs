using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Latency;

/// <summary>Checks the open flows every few seconds.</summary>
internal sealed class FlowWatchWorker(
    FlowWatch watch,
    ISchema schema,
    IOptions<MonitorOptions> options,
    TimeProvider time,
    ILogger<FlowWatchWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitUntilReadyAsync(stoppingToken);
        while (true)
        {
            try
            {
                await watch.CheckAsync(stoppingToken);
            }
#pragma warning disable CA1031 // One round that fails must not end the Monitor; the next one tries again.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                Log.WatchFailed(logger, options.Value.WatchPeriod, exception);
            }

            await Task.Delay(options.Value.WatchPeriod, time, stoppingToken);
        }
    }
}
