using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Messaging.Receiving;
using OrderFlow.Messaging.Transport;

namespace OrderFlow.Messaging.Handling;

/// <summary>Moves deliveries to the dead-letter queue. The original is acknowledged only after the broker has confirmed the copy.</summary>
internal sealed class DeadLetters(
    MessagingWiring wiring, DeadLetterEncoder encoder, PublisherConnection connection, IServiceScopeFactory scopes, TimeProvider time, ILogger<DeadLetters> logger)
{
    private string Queue => wiring.Topology.DeadLetterQueue;

    public async Task<Settlement> AddUnreadableAsync(Delivery delivery, Unreadable unreadable, CancellationToken draining)
    {
        var settled = await AddAsync(delivery, new DeadLetterReason(unreadable.Reason, unreadable.Detail, unreadable.Route?.HandlerName, 0, Exception: null), draining);
        if (settled != Settlement.Keep)
        {
            Log.Unreadable(logger, wiring.Service, unreadable.Reason, unreadable.Detail, Queue);
        }

        return settled;
    }

    public async Task<Settlement> AddFailedAsync(Delivery delivery, ReceivedEvent received, HandlingOutcome.Failed failed, CancellationToken draining)
    {
        var reason = new DeadLetterReason(DeadLetterReasons.HandlerFailed, failed.Exception.Message, received.Route.HandlerName, failed.Attempt, failed.Exception);
        var settled = await AddAsync(delivery, reason, draining);
        if (settled != Settlement.Keep)
        {
            Log.DeadLettered(logger, received.Route.HandlerName, received.Route.WireType, failed.Attempt, Queue, failed.Exception);
            await TellObserversAsync(received, failed);
        }

        return settled;
    }

    private async Task<Settlement> AddAsync(Delivery delivery, DeadLetterReason reason, CancellationToken draining)
    {
        var backoff = new Backoff(time);
        while (!draining.IsCancellationRequested)
        {
            var (message, problem) = encoder.Encode(delivery, reason);
            if (message is null)
            {
                Log.DeadLetteredByBroker(logger, wiring.Service, problem!, Queue);
                return Settlement.Reject;
            }

            try
            {
                await connection.SendAsync(message);
                return Settlement.Acknowledge;
            }
            catch (InvalidOperationException exception)
            {
                Log.DeadLetteredByBroker(logger, wiring.Service, exception.Message, Queue);
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
                Log.DeadLetterDelayed(logger, wiring.Service, Queue, delay, exception);
                await Task.Delay(delay, time, draining).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        return Settlement.Keep;
    }

    private async Task TellObserversAsync(ReceivedEvent received, HandlingOutcome.Failed failed)
    {
        await using var scope = scopes.CreateAsyncScope();
        foreach (var (observer, tell) in received.Route.DeadLetterObservers(scope.ServiceProvider, received.Context with { Attempt = failed.Attempt }, received.Body, failed.Exception))
        {
            try
            {
                tell();
            }
#pragma warning disable CA1031 // The dead letter is safe; an observer's fault is its own.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.DeadLetterObserverFailed(logger, observer, received.Route.WireType, exception);
            }
        }
    }
}
