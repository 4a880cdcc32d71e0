using Microsoft.Extensions.Logging;
using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Consuming;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.LifecycleEvents;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.ErrorHandling;

/// <summary>
/// Moves deliveries to another queue of the service, for as long as it takes: the original stays until the broker has confirmed the copy.
/// </summary>
internal sealed class MessageForwarder(
    MessagingWiring wiring,
    PublisherConnection connection,
    LifecycleEventPublisher notices,
    TimeProvider time,
    ILogger<MessageForwarder> logger)
{
    /// <summary>
    /// Acknowledge when the copy is there and, with a notice, told of, Reject when none can be written, Keep when the consumer stops
    /// before.
    /// </summary>
    public async Task<Settlement> MoveAsync(
        string queue, string? notice, Func<(PendingPublish? Message, string? Problem)> encode, CancellationToken draining)
    {
        var backoff = new Backoff(time);
        while (!draining.IsCancellationRequested)
        {
            var (message, problem) = encode();
            if (message is null)
            {
                Log.Unmovable(logger, wiring.Service, problem!, queue);
                return Settlement.Reject;
            }

            try
            {
                await connection.SendAsync(message);
            }
            catch (InvalidOperationException exception)
            {
                Log.Unmovable(logger, wiring.Service, exception.Message, queue);
                return Settlement.Reject;
            }
            catch (PublishException exception)
            {
                if (exception.Reason == PublishFailure.Unroutable)
                {
                    // Somebody deleted the queue; a new connection declares it again.
                    connection.Renew();
                }

                var delay = backoff.Next();
                Log.MoveDelayed(logger, wiring.Service, queue, delay, exception);
                await Task.Delay(delay, time, draining).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            if (notice is not null)
            {
                await notices.PublishAsync(notice, message.Properties, draining);
            }

            return Settlement.Acknowledge;
        }

        return Settlement.Keep;
    }
}
