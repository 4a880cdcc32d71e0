using Microsoft.Extensions.Options;
using Npgsql;
using OrderFlow.Messaging.Durability.Migrations;

namespace OrderFlow.Monitor.Storage;

/// <summary>Makes tomorrow's partitions before midnight, and drops what is too old.</summary>
internal sealed class RetentionWorker(
    Retention retention, ISchema schema, IOptions<MonitorOptions> options, TimeProvider time, ILogger<RetentionWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitUntilReadyAsync(stoppingToken);
        while (true)
        {
            try
            {
                await retention.MakeAheadAsync(stoppingToken);
                await retention.DropOldAsync(stoppingToken);
            }
            catch (NpgsqlException exception) when (!stoppingToken.IsCancellationRequested)
            {
                Log.RetentionFailed(logger, options.Value.RetentionPeriod, exception);
            }

            await Task.Delay(options.Value.RetentionPeriod, time, stoppingToken);
        }
    }
}
