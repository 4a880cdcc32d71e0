using Microsoft.Extensions.Options;
using Npgsql;
using OrderFlow.Messaging.Durability.Migrations;

namespace OrderFlow.Monitor.WatchOpenFlows;

/// <summary>Looks at the open flows now and then.</summary>
internal sealed class FlowWatchWorker(FlowWatch watch, ISchema schema, IOptions<MonitorOptions> options, TimeProvider time, ILogger<FlowWatchWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitUntilReadyAsync(stoppingToken);
        while (true)
        {
            try
            {
                await watch.LookAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException && !stoppingToken.IsCancellationRequested)
            {
                Log.WatchFailed(logger, options.Value.WatchPeriod, exception);
            }

            await Task.Delay(options.Value.WatchPeriod, time, stoppingToken);
        }
    }
}
