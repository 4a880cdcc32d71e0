using System.Globalization;
using Microsoft.Extensions.Logging;
using OrderFlow.Messaging.Consuming;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.LifecycleEvents;
using OrderFlow.Messaging.Routing;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.ErrorHandling;

/// <summary>
/// Moves an event whose handler failed to the retry queue of its next tier, from where the broker brings it back.
/// The original is acknowledged only after the broker has confirmed the copy. Where order is kept it waits at its consumer instead,
/// unacknowledged, so that the broker brings it back in its place should the consumer die.
/// </summary>
internal sealed class DelayedRetries(
    MessagingWiring wiring, MessageForwarder mover, LifecycleEventPublisher notices, TimeProvider time, ILogger<DelayedRetries> logger)
{
    /// <summary>Moves it; <see langword="null"/> when no retry is left or would help, and the event must be dead-lettered.</summary>
    public async Task<Settlement?> TryAddAsync(
        Delivery delivery, ReceivedEvent received, HandlingOutcome.Failed failed, CancellationToken draining)
    {
        var tiers = wiring.RetryTiersOf(received.Route);
        var asked = failed.Exception as RetryAfterException;
        var usesUp = asked?.UsesUpRetry ?? true;
        var tier = (received.RetryTier ?? ReceivedEvent.BeforeTheFirstTier) + (usesUp ? 1 : 0);
        if (failed.Permanent || tiers.Count == 0 || (usesUp && tier >= tiers.Count))
        {
            return null;
        }

        var stay = TierStay.Choose(tiers, tiers[Math.Clamp(tier, 0, tiers.Count - 1)], asked?.Delay ?? TimeSpan.Zero);
        failed = failed with { Ledger = failed.Ledger.Enter(Stage.Retry, time) };
        if (wiring.KeepsOrder)
        {
            var whole = stay.Wait + stay.Rest;
            var delay = whole < MessagingWiring.LongestOrderedWait ? whole : MessagingWiring.LongestOrderedWait;
            return await PutOffAsync(delivery, received, failed, tier, delay, draining);
        }

        var queue = wiring.Topology.RetryQueueOf(stay.Tier);
        var settled = await mover.MoveAsync(
            queue, LifecycleEventNames.RetryQueued, () => CopyEncoder.Encode(delivery, queue, properties =>
            {
                Mark(properties, received, failed, tier, ClockReading.Now(time));
                Stay(properties, stay);
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

    /// <summary>
    /// Moves an event on that was asked to wait longer than its stay in a tier: as it came, and without a notice, because nothing new is
    /// to be told of it. <see langword="null"/> when there is no tier to wait in.
    /// </summary>
    public async Task<Settlement?> TryWaitOnAsync(Delivery delivery, ReceivedEvent received, CancellationToken draining)
    {
        var tiers = wiring.RetryTiersOf(received.Route);
        if (tiers.Count == 0 || wiring.KeepsOrder)
        {
            return null;
        }

        var stay = TierStay.Choose(tiers, TimeSpan.Zero, received.Rest);
        var queue = wiring.Topology.RetryQueueOf(stay.Tier);
        var settled = await mover.MoveAsync(
            queue, notice: null, () => CopyEncoder.Encode(delivery, queue, properties =>
            {
                BrokerHeaders.Remove(properties.Headers!);
                Stay(properties, stay);
            }), draining);
        return settled == Settlement.Reject ? null : settled;
    }

    private async Task<Settlement> PutOffAsync(
        Delivery delivery, ReceivedEvent received, HandlingOutcome.Failed failed, int tier, TimeSpan delay, CancellationToken draining)
    {
        if (draining.IsCancellationRequested)
        {
            return Settlement.Keep;
        }

        var properties = MessageCopy.Of(delivery.Properties);
        var now = ClockReading.Now(time);
        Mark(properties, received, failed, tier, now);
        Log.RetryQueued(logger, received.Route.HandlerName, received.Route.WireType, failed.Attempt, delivery.Queue, failed.Exception);
        await notices.PublishAsync(LifecycleEventNames.RetryQueued, properties, draining);
        return delivery.PutOff(delay, properties, now);
    }

    private static void Mark(BasicProperties properties, ReceivedEvent received, HandlingOutcome.Failed failed, int tier, ClockReading now)
    {
        var headers = properties.Headers!;
        BrokerHeaders.Remove(headers);
        headers[HeaderNames.Attempt] = failed.Attempt + 1;
        headers[HeaderNames.RetryTier] = tier;
        headers[HeaderNames.RetryHandler] = received.Route.HandlerName;
        headers[HeaderNames.RetryExceptionType] = MessageCopy.Shorten(failed.Exception.GetType().FullName!);
        headers[HeaderNames.RetryExceptionMessage] = MessageCopy.Shorten(failed.Exception.Message);
        headers[HeaderNames.RetryStackHash] = StackHash.Of(failed.Exception);
        headers[HeaderNames.RetryQueuedAt] = now.Micros;
        headers[HeaderNames.Stages] = failed.Ledger.WriteAt(now);
    }

    /// <summary>As durations, by nobody's wall clock: the broker counts them, whichever replica takes the message next.</summary>
    private static void Stay(BasicProperties properties, TierStay stay)
    {
        properties.Expiration = Milliseconds(stay.Wait).ToString(CultureInfo.InvariantCulture);
        if (stay.Rest > TimeSpan.Zero)
        {
            properties.Headers![HeaderNames.RetryRest] = Milliseconds(stay.Rest);
        }
        else
        {
            properties.Headers!.Remove(HeaderNames.RetryRest);
        }
    }

    private static long Milliseconds(TimeSpan time) => (long)Math.Ceiling(time.TotalMilliseconds);
}
