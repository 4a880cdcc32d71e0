using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Postgres.Migrations;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Messaging.Postgres.Outbox;

/// <summary>
/// Moves scheduled events that are due into the outbox and has them published from there as any other. Replicas share the work. What a
/// crash leaves is in one of the two tables, for the next look or for the sweep.
/// </summary>
internal sealed class EventScheduler(
    NpgsqlDataSource database, OutboxDispatcher outbox, ScheduleBacklog backlog, DatabaseMigrator schema,
    IOptions<DurabilityOptions> options, TimeProvider time, ILogger<EventScheduler> logger) : BackgroundService
{
    // The statement's time, which an index can be asked for, is the database's. A row that somebody cancels now is not waited for.
    // Unreadable rows move, too: the sweep tells of them and they stop nobody.
    private const string MoveDue = """
        WITH due AS (
            DELETE FROM scheduled_events WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM scheduled_events WHERE due_at <= statement_timestamp() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED))
            RETURNING due_at, event_id, wire_type, context, body)
        INSERT INTO outbox (event_id, wire_type, context, body, due_at, aggregate_id)
        SELECT event_id, wire_type, context, body, clock_timestamp() + $2, CASE WHEN $3 THEN context #>> '{event,aggregateId}' END
        FROM due ORDER BY due_at
        ON CONFLICT DO NOTHING
        RETURNING event_id, wire_type, context, body
        """;

    private readonly Backoff _troubled = new(time, options.Value.ScheduleInterval);
    private readonly LogThrottle _reminder = new(time, TimeSpan.FromSeconds(30));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WaitUntilReadyAsync(stoppingToken);
        while (true)
        {
            await Task.Delay(await LookAsync(stoppingToken), time, stoppingToken);
        }
    }

    /// <summary>Moves everything that is due and returns how long to wait before the next look.</summary>
    private async Task<TimeSpan> LookAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await MoveDueAsync(stoppingToken) == options.Value.PublishBatch)
            {
                // There may be more.
            }

            await backlog.MeasureAsync(stoppingToken);
            _troubled.Reset();
            _reminder.Reset();
            return options.Value.ScheduleInterval;
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            if (_reminder.IsDue())
            {
                Log.ScheduleFailed(logger, exception);
            }

            return _troubled.Next();
        }
    }

    /// <summary>Moves a batch of what is due for longest, and returns how many those are.</summary>
    public async Task<int> MoveDueAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(MoveDue);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = options.Value.PublishBatch });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.SweepAge });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = options.Value.PublishInOrder });
        var moved = 0;
        var events = new List<EncodedEvent>();
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            for (; await reader.ReadAsync(cancellationToken); moved++)
            {
                try
                {
                    events.Add(OutboxTable.Read(reader));
                }
                catch (JsonException)
                {
                    // The sweep finds it, and says so.
                }
            }
        }

        outbox.Submit(events);
        return moved;
    }
}
