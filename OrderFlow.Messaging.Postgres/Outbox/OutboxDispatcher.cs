using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Messaging.Postgres.Outbox;

/// <summary>
/// Publishes events right after their commit, many transactions' worth at once when they come fast. What it cannot take or
/// publish stays in the outbox, for the sweep. Where order is kept, all events of an aggregate go through the same worker.
/// </summary>
internal sealed class OutboxDispatcher(
    OutboxRelay relay, IOptions<DurabilityOptions> options, TimeProvider time, ILogger<OutboxDispatcher> logger) : BackgroundService, IPublishBacklog
{
    /// <summary>How long an event waits before it is tried again, when another replica has one before it, and how often.</summary>
    private static readonly TimeSpan HeldDelay = TimeSpan.FromMilliseconds(10);
    private const int MostHeld = 50;

    // One that all workers read; where order is kept, one each.
    private readonly Channel<Committed>[] _committed =
    [
        .. Enumerable.Range(0, options.Value.PublishInOrder ? options.Value.DispatchConcurrency : 1).Select(
            _ => Channel.CreateBounded<Committed>(BufferOf(options.Value))),
    ];

    private readonly LogThrottle _reminder = new(time, TimeSpan.FromSeconds(30));

    /// <summary>Takes events of a transaction that has committed.</summary>
    public void Submit(List<EncodedEvent> events)
    {
        foreach (var @event in events)
        {
            if (!ChannelOf(@event).Writer.TryWrite(new Committed(@event)))
            {
                return;
            }
        }
    }

    /// <summary>
    /// Takes no more and publishes what it has, until <paramref name="deadline"/> fires. For the end of the service,
    /// between the consumer's stop and the publisher's; stopping the host does it, too.
    /// </summary>
    public async Task DrainAsync(CancellationToken deadline)
    {
        Array.ForEach(_committed, channel => channel.Writer.TryComplete());
        await (ExecuteTask ?? Task.CompletedTask).WaitAsync(deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await DrainAsync(cancellationToken);
        await base.StopAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, options.Value.DispatchConcurrency).Select(worker => Task.Run(() => PublishAsync(_committed[worker % _committed.Length], stoppingToken), stoppingToken)));

    private static int BufferOf(DurabilityOptions options) =>
        options.PublishInOrder ? Math.Max(1, options.DispatchBuffer / options.DispatchConcurrency) : options.DispatchBuffer;

    private Channel<Committed> ChannelOf(EncodedEvent @event) =>
        _committed.Length == 1 ? _committed[0] : _committed[(uint)(@event.Context.AggregateId?.GetHashCode(StringComparison.Ordinal) ?? 0) % (uint)_committed.Length];

    private async Task PublishAsync(Channel<Committed> channel, CancellationToken stoppingToken)
    {
        while (await channel.Reader.WaitToReadAsync(stoppingToken))
        {
            var events = new List<EncodedEvent>();
            Dictionary<Guid, int>? triedBefore = null;
            while (events.Count < options.Value.PublishBatch && channel.Reader.TryRead(out var next))
            {
                events.Add(next.Event);
                if (next.Tried > 0)
                {
                    (triedBefore ??= [])[next.Event.Context.EventId] = next.Tried;
                }
            }

            if (events.Count == 0 || relay.BrokerAway)
            {
                continue;
            }

            try
            {
                if ((await relay.PublishAsync(events, stoppingToken)).Held is { Count: > 0 } held)
                {
                    _ = TryAgainAsync(channel, [.. held.Select(@event => new Committed(@event, (triedBefore?.GetValueOrDefault(@event.Context.EventId) ?? 0) + 1))], stoppingToken);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                if (_reminder.IsDue())
                {
                    Log.DispatchFailed(logger, events.Count, exception);
                }
            }
        }
    }

    private async Task TryAgainAsync(Channel<Committed> channel, List<Committed> held, CancellationToken stoppingToken)
    {
        await Task.Delay(HeldDelay, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var again in held)
        {
            // After a while it is no other replica's, but one that was left behind: both are for the sweep.
            if (again.Tried <= MostHeld && !channel.Writer.TryWrite(again))
            {
                return;
            }
        }
    }

    private readonly record struct Committed(EncodedEvent Event, int Tried = 0);
}
