using System.Globalization;
using Microsoft.Extensions.Logging;
using OrderFlow.Messaging.Accounting;
using OrderFlow.Messaging.Handling;
using OrderFlow.Messaging.Noticing;
using OrderFlow.Messaging.Receiving;
using OrderFlow.Messaging.Transport;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Retrying;

/// <summary>
/// Moves an event whose handler failed to the retry queue of its next tier, from where the broker brings it back.
/// The original is acknowledged only after the broker has confirmed the copy. Where order is kept it waits at its consumer instead,
/// unacknowledged, so that the broker brings it back in its place should the consumer die.
/// </summary>
internal sealed class DelayedRetries(MessagingWiring wiring, QueueMover mover, NoticePublisher notices, TimeProvider time, ILogger<DelayedRetries> logger)
{
    private const double MostJitter = 0.1;

    /// <summary>Moves it; <see langword="null"/> when no retry is left or would help, and the event must be dead-lettered.</summary>
    public async Task<Settlement?> TryAddAsync(Delivery delivery, ReceivedEvent received, HandlingOutcome.Failed failed, CancellationToken draining)
    {
        var tiers = wiring.RetryTiersOf(received.Route);
        var tier = received.RetryTier is { } last ? last + 1 : 0;
        if (failed.Permanent || tier >= tiers.Count)
        {
            return null;
        }

        var delay = tiers[tier];
        failed = failed with { Ledger = failed.Ledger.Enter(Stage.Retry, time) };
        if (wiring.KeepsOrder)
        {
            return await PutOffAsync(delivery, received, failed, tier, Jittered(delay), draining);
        }

        var queue = wiring.Topology.RetryQueueOf(delay);
        var settled = await mover.MoveAsync(
            queue, NoticeNames.RetryQueued, () => CopyEncoder.Encode(delivery, queue, properties =>
            {
                Mark(properties, received, failed, tier, ClockReading.Now(time));
                properties.Expiration = ((long)Jittered(delay).TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
            }), draining);
        if (settled == Settlement.Reject)
        {
            // It cannot be written with more headers; the dead-letter queue is what is left.
            return null;
        }

        if (settled == Settlement.Acknowledge)
        {
            Log.RetryQueued(logger, received.Route.HandlerName, received.Route.WireType, failed.Attempt, queue, failed.Exception);
        }

        return settled;
    }

    private async Task<Settlement> PutOffAsync(Delivery delivery, ReceivedEvent received, HandlingOutcome.Failed failed, int tier, TimeSpan delay, CancellationToken draining)
    {
        if (draining.IsCancellationRequested)
        {
            return Settlement.Keep;
        }

        var properties = CopyEncoder.Copy(delivery.Properties);
        var now = ClockReading.Now(time);
        Mark(properties, received, failed, tier, now);
        Log.RetryQueued(logger, received.Route.HandlerName, received.Route.WireType, failed.Attempt, delivery.Queue, failed.Exception);
        await notices.TellAsync(NoticeNames.RetryQueued, properties, draining);
        return delivery.PutOff(delay, properties, now);
    }

    private static void Mark(BasicProperties properties, ReceivedEvent received, HandlingOutcome.Failed failed, int tier, ClockReading now)
    {
        var headers = properties.Headers!;
        BrokerHeaders.Remove(headers);
        headers[HeaderNames.Attempt] = failed.Attempt + 1;
        headers[HeaderNames.RetryTier] = tier;
        headers[HeaderNames.RetryHandler] = received.Route.HandlerName;
        headers[HeaderNames.RetryExceptionType] = CopyEncoder.Shorten(failed.Exception.GetType().FullName!);
        headers[HeaderNames.RetryExceptionMessage] = CopyEncoder.Shorten(failed.Exception.Message);
        headers[HeaderNames.RetryStackHash] = StackHash.Of(failed.Exception);
        headers[HeaderNames.RetryQueuedAt] = now.Micros;
        headers[HeaderNames.Stages] = failed.Ledger.WriteAt(now);
    }

    // Only below: a message behind one that expires later would wait for it.
    private static TimeSpan Jittered(TimeSpan delay) =>
#pragma warning disable CA5394 // Jitter needs no secret randomness.
        delay * (1 - (MostJitter * Random.Shared.NextDouble()));
#pragma warning restore CA5394
}
