using Npgsql;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Operations.WireTap;
using OrderFlow.Monitor.Hosting;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>
/// Stores what the tap delivers: events and life-cycle events. What is neither goes to the quarantine; what the database does not take
/// now, the tap delivers again.
/// </summary>
internal sealed class EventReceiver(
    EventStore store, LifecycleEventReceiver lifecycleReceiver, Quarantine quarantine, Retention retention, StoreProgress progress,
    MonitorInstruments instruments, TimeProvider time, ILogger<EventReceiver> logger)
{
    public async Task ReceiveAsync(IReadOnlyList<TappedMessage> batch, CancellationToken cancellationToken)
    {
        List<TappedMessage> events = [];
        List<TappedMessage> lifecycleEvents = [];
        List<(TappedMessage Message, string Problem)> unreadable = [];
        var (firstDay, lastDay) = (retention.FirstDay, retention.LastDay);
        foreach (var message in batch)
        {
            if (LifecycleEventReceiver.IsLifecycleEvent(message))
            {
                lifecycleEvents.Add(message);
            }
            else if ((message.Problem ?? Unstorable.WhyNot(message, firstDay, lastDay)) is { } problem)
            {
                unreadable.Add((message, problem));
            }
            else
            {
                events.Add(message);
            }
        }

        try
        {
            await StoreAsync(events, unreadable, cancellationToken);
            await lifecycleReceiver.ReceiveAsync(lifecycleEvents, cancellationToken);
            await quarantine.AddAsync(unreadable, cancellationToken);
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            foreach (var type in batch.CountBy(message => message.WireType ?? ""))
            {
                instruments.NotTaken(type.Key, type.Value);
            }

            throw;
        }

        Count(events, unreadable);
    }

    /// <summary>
    /// Stores the events together, or, when the database refuses one of them for its content, in halves until that one is alone.
    /// </summary>
    private async Task StoreAsync(
        List<TappedMessage> events, List<(TappedMessage Message, string Problem)> unreadable, CancellationToken cancellationToken)
    {
        if (events.Count == 0)
        {
            return;
        }

        try
        {
            var stored = await store.StoreAsync(events, cancellationToken);
            var added = 0L;
            foreach (var (wireType, count) in stored)
            {
                added += count;
                instruments.Stored(wireType, count);
            }

            Log.Stored(logger, (int)added, (int)(events.Count - added));
        }
        catch (Exception exception) when (Unstorable.IsOfContent(exception))
        {
            if (events.Count == 1)
            {
                unreadable.Add((events[0], $"the database refuses it: {Unstorable.Why(exception)}"));
                events.Clear();
                return;
            }

            var half = events.Count / 2;
            var (first, second) = (events.GetRange(0, half), events.GetRange(half, events.Count - half));
            await StoreAsync(first, unreadable, cancellationToken);
            await StoreAsync(second, unreadable, cancellationToken);
        }
    }

    private void Count(List<TappedMessage> events, List<(TappedMessage Message, string Problem)> unreadable)
    {
        var now = time.GetTimestamp();
        foreach (var message in events)
        {
            instruments.StoredAfter(message.WireType, time.GetElapsedTime(message.ReceivedAt, now));
        }

        foreach (var (message, problem) in unreadable)
        {
            instruments.Unreadable(message.WireType);
            Log.Quarantined(logger, message.Exchange, message.RoutingKey, problem);
        }

        if (events.Count > 0)
        {
            progress.Advance(UnixMicroseconds.ToTime(events[^1].Context!.PublishedAtMicros));
        }
    }
}
