using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.Migrations;

namespace OrderFlow.Messaging.Postgres.Outbox;

/// <summary>
/// Publishes what was left in the outbox by a crash, a broken connection or a broker that was away. Replicas share the work.
/// </summary>
internal sealed class OutboxSweeper(
    OutboxRelay relay, OutboxDispatcher dispatcher, OutboxBacklog backlog, DatabaseMigrator schema, IOptions<DurabilityOptions> options,
    TimeProvider time, ILogger<OutboxSweeper> logger) : BackgroundService
{
    private readonly Backoff _troubled = new(time, options.Value.SweepInterval);
    private readonly LogThrottle _reminder = new(time, TimeSpan.FromSeconds(30));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitUntilReadyAsync(stoppingToken);
        while (true)
        {
            await Task.Delay(await SweepAsync(stoppingToken), time, stoppingToken);
        }
    }

    /// <summary>Sweeps and returns how long to wait before the next time.</summary>
    private async Task<TimeSpan> SweepAsync(CancellationToken stoppingToken)
    {
        try
        {
            RelayResult result;
            do
            {
                await backlog.MeasureAsync(stoppingToken);
                result = await relay.SweepAsync(dispatcher.InHand(), stoppingToken);
                if (result.Confirmed > 0)
                {
                    Log.OutboxSwept(logger, result.Confirmed);
                }
            }
            while (result.More && !relay.BrokerAway);

            if (relay.BrokerAway)
            {
                return _troubled.Next();
            }

            _troubled.Reset();
            _reminder.Reset();
            return options.Value.SweepInterval;
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            if (_reminder.IsDue())
            {
                Log.SweepFailed(logger, exception);
            }

            return _troubled.Next();
        }
    }
}
