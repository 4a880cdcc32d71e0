using Microsoft.Extensions.Logging;
using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Messaging.Routing;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.LifecycleEvents;

/// <summary>
/// Tells what became of a delivery, before it is acknowledged: whoever dies in between is delivered it again, and tells then. A notice goes
/// beside the message and not with it: a copy that listeners get, too, would count as delivered even when its queue is gone.
/// </summary>
internal sealed class LifecycleEventPublisher(
    MessagingWiring wiring, PublisherConnection connection, TimeProvider time, ILogger<LifecycleEventPublisher> logger)
{
    private static readonly CachedString Exchange = new(LifecycleEventNames.Exchange);

    /// <summary>Returns when the broker has it, whether or not anybody listens; a service that stops tries once.</summary>
    public async Task PublishAsync(string kind, IReadOnlyBasicProperties about, CancellationToken draining)
    {
        var properties = LifecycleEventEncoder.Write(kind, wiring.Service, ClockReading.Now(time), about);
        var key = new CachedString(LifecycleEventNames.RoutingKey(wiring.Service, kind));
        for (var backoff = new Backoff(time); ;)
        {
            try
            {
                await connection.SendAsync(new PendingPublish(Exchange, key, requireSubscriber: false, properties, [], 0));
                return;
            }
            catch (InvalidOperationException exception)
            {
                Log.NoticeUnwritable(logger, kind, wiring.Service, exception);
                return;
            }
            catch (PublishException exception)
            {
                if (draining.IsCancellationRequested)
                {
                    Log.NoticeGivenUp(logger, kind, wiring.Service, exception);
                    return;
                }

                await Task.Delay(backoff.Next(), time, draining).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
