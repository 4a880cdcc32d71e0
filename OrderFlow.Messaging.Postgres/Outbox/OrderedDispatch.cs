using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Messaging.Postgres.Outbox;

/// <summary>
/// Publishes events right after their commit where order is kept: all events of an aggregate go through the same worker, and each round of
/// a worker keeps its rows locked until they are confirmed and deleted.
/// </summary>
internal sealed class OrderedDispatch(OutboxRelay relay, DurabilityOptions options, TimeProvider time, ILogger logger) : IDispatch
{
    /// <summary>How long an event waits before it is tried again, when another replica has one before it, and how often.</summary>
    private static readonly TimeSpan HeldDelay = TimeSpan.FromMilliseconds(10);
    private const int MostHeld = 50;

    // One for each worker.
    private readonly Channel<Committed>[] _committed =
    [
        .. Enumerable.Range(0, options.DispatchConcurrency).Select(
            _ => Channel.CreateBounded<Committed>(Math.Max(1, options.DispatchBuffer / options.DispatchConcurrency))),
    ];

    private readonly LogThrottle _reminder = new(time, TimeSpan.FromSeconds(30));

    public void Submit(List<EncodedEvent> events, Guid? batch)
    {
        foreach (var @event in events)
        {
            if (!ChannelOf(@event).Writer.TryWrite(new Committed(@event)))
            {
                return;
            }
        }
    }

    public Task RunAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(_committed.Select(channel => Task.Run(() => PublishAsync(channel, stoppingToken), stoppingToken)));

    public void Complete() => Array.ForEach(_committed, channel => channel.Writer.TryComplete());

    // Locked rows are skipped by whoever sweeps.
    public Guid[] InHand() => [];

    private Channel<Committed> ChannelOf(EncodedEvent @event) =>
        _committed[(uint)(@event.Context.AggregateId?.GetHashCode(StringComparison.Ordinal) ?? 0) % (uint)_committed.Length];

    private async Task PublishAsync(Channel<Committed> channel, CancellationToken stoppingToken)
    {
        while (await channel.Reader.WaitToReadAsync(stoppingToken))
        {
            var events = new List<EncodedEvent>();
            Dictionary<Guid, int>? triedBefore = null;
            while (events.Count < options.PublishBatch && channel.Reader.TryRead(out var next))
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
                    List<Committed> again =
                    [
                        .. held.Select(@event =>
                            new Committed(@event, (triedBefore?.GetValueOrDefault(@event.Context.EventId) ?? 0) + 1)),
                    ];
                    _ = TryAgainAsync(channel, again, stoppingToken);
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
