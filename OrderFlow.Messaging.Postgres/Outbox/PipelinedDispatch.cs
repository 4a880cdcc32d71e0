using Microsoft.Extensions.Logging;
using Npgsql;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Messaging.Postgres.Outbox;

/// <summary>
/// Publishes events right after their commit, from memory and without a transaction of its own: nobody waits for the confirms, and
/// <see cref="ConfirmedRows"/> go with the next transaction that there is. The rows' <c>due_at</c> is a lease: while it runs no sweep takes
/// them, and what is under way for long gets another one.
/// </summary>
internal sealed class PipelinedDispatch(
    NpgsqlDataSource database, OutboxRelay relay, ConfirmedRows confirmed, IEncodedEventPublisher publisher, DurabilityOptions options,
    TimeProvider time, ILogger logger) : IDispatch
{
    private static readonly TimeSpan LongestTick = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ShortestTick = TimeSpan.FromMilliseconds(20);

    private readonly Lock _gate = new();
    private readonly HashSet<UnderWay> _underWay = [];
    private readonly LogThrottle _throttle = new(time, TimeSpan.FromSeconds(30));
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationToken _stopping;
    private bool _running;
    private bool _complete;
    private int _events;

    public void Submit(List<EncodedEvent> events, Guid? batch)
    {
        if (events.Count == 0 || relay.BrokerAway)
        {
            return;
        }

        var submitted = new UnderWay(events, batch, time.GetTimestamp());
        lock (_gate)
        {
            if (!_running || _complete || _events + events.Count > options.DispatchBuffer)
            {
                // They stay in the outbox, for the sweep.
                return;
            }

            _events += events.Count;
            _underWay.Add(submitted);
        }

        _ = PublishAsync(submitted);
    }

    public async Task RunAsync(CancellationToken stoppingToken)
    {
        lock (_gate)
        {
            (_running, _stopping) = (true, stoppingToken);
        }

        var tick = TimeSpan.FromTicks(Math.Clamp(options.SweepAge.Ticks / 4, ShortestTick.Ticks, LongestTick.Ticks));
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAny(Task.Delay(tick, time, stoppingToken), _completed.Task);
            await LeaseAsync(stoppingToken);
            await DeleteAsync(stoppingToken);
            if (_completed.Task.IsCompleted)
            {
                return;
            }
        }
    }

    public void Complete()
    {
        lock (_gate)
        {
            _complete = true;
            CompleteWhenEmpty();
        }
    }

    public Guid[] InHand()
    {
        lock (_gate)
        {
            return [.. confirmed.Snapshot(), .. _underWay.SelectMany(one => one.EveryRow)];
        }
    }

    private async Task PublishAsync(UnderWay submitted)
    {
        try
        {
            var failures = await publisher.PublishAsync(submitted.Events, packed: true, _stopping);
            var isLate = time.GetElapsedTime(submitted.SubmittedAt) > options.SweepAge / 2;
            confirmed.Add(await relay.SettleAsync(submitted.Events, submitted.Batch, mayBeMoved: isLate, failures, _stopping));
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // What is not confirmed stays in the outbox.
        }
#pragma warning disable CA1031 // Whatever it is, the rows are still there.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (_throttle.IsDue())
            {
                Log.DispatchFailed(logger, submitted.Events.Count, exception);
            }
        }
        finally
        {
            lock (_gate)
            {
                _underWay.Remove(submitted);
                _events -= submitted.Events.Count;
                CompleteWhenEmpty();
            }
        }
    }

    private void CompleteWhenEmpty()
    {
        if (_complete && _underWay.Count == 0)
        {
            _completed.TrySetResult();
        }
    }

    /// <summary>Keeps other replicas' sweeps from what is under way for half of the time after which they would take it.</summary>
    private async Task LeaseAsync(CancellationToken stoppingToken)
    {
        List<UnderWay> old;
        lock (_gate)
        {
            old = [.. _underWay.Where(one => time.GetElapsedTime(one.LeasedAt) > options.SweepAge / 2)];
        }

        Guid[] ids = [.. old.SelectMany(one => one.Rows)];
        if (ids.Length > 0 && options.SweepAge > TimeSpan.Zero
            && await TryExecuteAsync(OutboxTable.ToLease(ids, options.SweepAge), ids.Length, stoppingToken))
        {
            old.ForEach(one => one.LeasedAt = time.GetTimestamp());
        }
    }

    private async Task DeleteAsync(CancellationToken stoppingToken)
    {
        using var deletion = confirmed.Take();
        if (deletion.Statement is { } delete && await TryExecuteAsync(delete, deletion.Count, stoppingToken))
        {
            deletion.Committed();
        }
    }

    private async Task<bool> TryExecuteAsync(NpgsqlBatchCommand command, int events, CancellationToken stoppingToken)
    {
        try
        {
            await using var batch = database.CreateBatch();
            batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN"));
            batch.BatchCommands.Add(new NpgsqlBatchCommand(OutboxTable.NoWaitForDisk));
            batch.BatchCommands.Add(command);
            batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
            await batch.ExecuteNonQueryAsync(stoppingToken);
            return true;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return false;
        }
        catch (NpgsqlException exception)
        {
            if (_throttle.IsDue())
            {
                Log.DispatchFailed(logger, events, exception);
            }

            return false;
        }
    }

    private sealed class UnderWay(List<EncodedEvent> events, Guid? batch, long submittedAt)
    {
        public List<EncodedEvent> Events { get; } = events;

        /// <summary>The row that holds all of them; <see langword="null"/> when each has its own.</summary>
        public Guid? Batch { get; } = batch;

        public long SubmittedAt { get; } = submittedAt;

        public IEnumerable<Guid> Rows => Batch is { } id ? [id] : Events.Select(@event => @event.Context.EventId);

        /// <summary>Those that they have, and those that they will have when somebody moves the batch.</summary>
        public IEnumerable<Guid> EveryRow => Batch is { } id ? Events.Select(@event => @event.Context.EventId).Prepend(id) : Rows;

        /// <summary>When their rows' lease began, as <see cref="TimeProvider.GetTimestamp"/> counts.</summary>
        public long LeasedAt { get; set; } = submittedAt;
    }
}
