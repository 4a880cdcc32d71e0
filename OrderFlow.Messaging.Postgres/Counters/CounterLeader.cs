using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.EndToEnd;
using OrderFlow.Messaging.Postgres.Migrations;

namespace OrderFlow.Messaging.Postgres.Counters;

/// <summary>
/// Exports the durable counters while this replica is the one that does, and folds their rows. Which replica it is, an advisory lock says
/// that lives as long as its session: when the replica dies, the server frees the lock and another replica finds it free.
/// </summary>
/// <remarks>
/// Each answer of the session proves that nobody else had the lock when the question was asked. The numbers are exported for
/// <see cref="DurabilityOptions.CounterLease"/> from then on, and a replica that gets the lock exports nothing for that long and the
/// handover more: so two never export at once, whether the first is cut off, frozen or merely slow. A short absence of the database leaves
/// the last numbers standing.
/// </remarks>
internal sealed class CounterLeader(
    CounterDatabase database, DatabaseMigrator schema, DurableCounters counters, CounterMeters meters, IOptions<DurabilityOptions> options,
    TimeProvider time, ILogger<CounterLeader> logger,
    EndToEndMeter? endToEnd = null)
    : BackgroundService
{
    /// <summary>Advisory lock of the replica that exports the counters.</summary>
    public const long Lock = 0x4F46434F554E54;

    private readonly LogThrottle _reminder = new(time, TimeSpan.FromSeconds(30));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitUntilReadyAsync(stoppingToken);
        try
        {
            while (true)
            {
                try
                {
                    await using var connection = await database.OpenAsync(stoppingToken);
                    await FollowAsync(connection, stoppingToken);
                    await LeadAsync(connection, stoppingToken);
                }
#pragma warning disable CA1031 // One round that fails must not end the service; the next one tries again.
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
                {
                    if (_reminder.IsDue())
                    {
                        Log.CountersNotRead(logger, exception);
                    }
                }

                await Task.Delay(options.Value.CounterInterval, time, stoppingToken);
            }
        }
        finally
        {
            meters.BeSilent();
        }
    }

    /// <summary>Waits until the lock is this session's.</summary>
    private async Task FollowAsync(NpgsqlConnection connection, CancellationToken stoppingToken)
    {
        while (!await TryLockAsync(connection, stoppingToken))
        {
            meters.BeSilent();
            await Task.Delay(options.Value.CounterInterval, time, stoppingToken);
        }
    }

    private async Task LeadAsync(NpgsqlConnection connection, CancellationToken stoppingToken)
    {
        Log.TellsCounters(logger);
        var since = time.GetTimestamp();
        long? foldedAt = null;
        while (true)
        {
            // On the session that holds the lock: an answer proves that the lock is held.
            var asked = time.GetTimestamp();
            var numbers = await CountLedger.ReadAsync(connection, counters, stoppingToken);
            var endings = endToEnd is null ? [] : await FlowEndLedger.FoldAsync(connection, options.Value.CounterFoldBatch, stoppingToken);
            var isFirst = numbers.Count == 0 && endings.Count == 0 && (
                endToEnd is null || (await FlowEndLedger.ReadAsync(connection, stoppingToken)).Count == 0);
            if (meters.IsTelling || isFirst || time.GetElapsedTime(since) >= options.Value.CounterLease + options.Value.CounterHandover)
            {
                meters.Report(numbers, asked);
                await ReportAsync(endings, connection, stoppingToken);
                _reminder.Reset();
            }

            if (foldedAt is null || time.GetElapsedTime(foldedAt.Value) >= options.Value.CounterFoldInterval)
            {
                foldedAt = time.GetTimestamp();
                await FoldAsync(connection, stoppingToken);
            }

            await Task.Delay(options.Value.CounterInterval, time, stoppingToken);
        }
    }

    /// <summary>Exports the flows that were just folded, or everything that was ever folded when nothing is exported yet.</summary>
    private async Task ReportAsync(List<FlowEnding> endings, NpgsqlConnection connection, CancellationToken stoppingToken)
    {
        if (endToEnd?.TryRecord(endings) is not false)
        {
            return;
        }

        await endToEnd.BeginAsync(await FlowEndLedger.ReadAsync(connection, stoppingToken), stoppingToken);
        if (!meters.IsTelling)
        {
            // The lease was over meanwhile, and nobody would end what began after it.
            endToEnd.BeSilent();
        }
    }

    /// <summary>Folds what there is, but not for longer than the numbers may be old.</summary>
    private async Task FoldAsync(NpgsqlConnection connection, CancellationToken stoppingToken)
    {
        var began = time.GetTimestamp();
        while (await CountLedger.FoldAsync(connection, options.Value.CounterFoldBatch, stoppingToken) == options.Value.CounterFoldBatch
            && time.GetElapsedTime(began) < options.Value.CounterInterval)
        {
            // A little at a time, so that no fold holds up the clean-up of dead rows for long.
        }
    }

    private static async Task<bool> TryLockAsync(NpgsqlConnection connection, CancellationToken stoppingToken)
    {
        await using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock($1)", connection)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = Lock } },
        };
        return await command.ExecuteScalarAsync(stoppingToken) is true;
    }
}
