using Npgsql;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Operations.WireTap;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>Stores what the tap brings: events, and notices of what became of them. What is neither is set aside; what the database does not take now, the tap brings again.</summary>
internal sealed class EventReceiver(
    EventStore store, LifecycleEventReceiver notices, Quarantine setAside, Retention retention, StoreProgress progress, MonitorInstruments instruments, TimeProvider time, ILogger<EventReceiver> logger) : ITapReceiver
{
    public async Task ReceiveAsync(IReadOnlyList<TappedMessage> batch, CancellationToken cancellationToken)
    {
        List<TappedMessage> events = [];
        List<TappedMessage> told = [];
        List<(TappedMessage Message, string Problem)> others = [];
        var (firstDay, lastDay) = (retention.FirstDay, retention.LastDay);
        foreach (var message in batch)
        {
            if (LifecycleEventReceiver.IsNotice(message))
            {
                told.Add(message);
            }
            else if ((message.Problem ?? Unstorable.WhyNot(message, firstDay, lastDay)) is { } problem)
            {
                others.Add((message, problem));
            }
            else
            {
                events.Add(message);
            }
        }

        try
        {
            await StoreAsync(events, others, cancellationToken);
            await notices.ReceiveAsync(told, cancellationToken);
            await setAside.AddAsync(others, cancellationToken);
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            foreach (var type in batch.CountBy(message => message.WireType ?? ""))
            {
                instruments.NotTaken(type.Key, type.Value);
            }

            throw;
        }

        Count(events, others);
    }

    /// <summary>Stores the events together, or, when the database refuses one of them for its content, in halves until that one is alone.</summary>
    private async Task StoreAsync(List<TappedMessage> events, List<(TappedMessage Message, string Problem)> others, CancellationToken cancellationToken)
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
                others.Add((events[0], $"the database refuses it: {Unstorable.Why(exception)}"));
                events.Clear();
                return;
            }

            var half = events.Count / 2;
            var (first, second) = (events.GetRange(0, half), events.GetRange(half, events.Count - half));
            await StoreAsync(first, others, cancellationToken);
            await StoreAsync(second, others, cancellationToken);
        }
    }

    private void Count(List<TappedMessage> events, List<(TappedMessage Message, string Problem)> others)
    {
        var now = time.GetTimestamp();
        foreach (var message in events)
        {
            instruments.StoredAfter(message.WireType, time.GetElapsedTime(message.ReceivedAt, now));
        }

        foreach (var (message, problem) in others)
        {
            instruments.Unreadable(message.WireType);
            Log.SetAside(logger, message.Exchange, message.RoutingKey, problem);
        }

        if (events.Count > 0)
        {
            progress.StoredUpTo(UnixMicroseconds.ToTime(events[^1].Context!.PublishedAtMicros));
        }
    }
}
