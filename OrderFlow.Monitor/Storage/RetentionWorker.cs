using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Storage;

/// <summary>Makes tomorrow's partitions before midnight, and drops what is too old.</summary>
internal sealed class RetentionWorker(
    Retention retention, ISchema schema, IOptions<MonitorOptions> options, TimeProvider time,
    ILogger<RetentionWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitUntilReadyAsync(stoppingToken);
        while (true)
        {
            try
            {
                foreach (var note in await retention.TakeUpgradeNotesAsync(stoppingToken))
                {
                    Log.Upgraded(logger, note);
                }

                await retention.MakeAheadAsync(stoppingToken);
                await retention.DropOldAsync(stoppingToken);
            }
#pragma warning disable CA1031 // One round that fails must not end the Monitor; the next one tries again.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                Log.RetentionFailed(logger, options.Value.RetentionPeriod, exception);
            }

            await Task.Delay(options.Value.RetentionPeriod, time, stoppingToken);
        }
    }
}
