using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Consuming;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Messaging.ErrorHandling;

/// <summary>
/// Tries a handler again, after 100, 200 and 400 ms by default, before the event counts as failed; not when the handler was asked to wait.
/// </summary>
internal sealed class InProcessRetry(
    IOptions<MessagingOptions> options, ConsumerThrottle throttle, TimeProvider time, ILogger<InProcessRetry> logger,
    IOutageDetector? outages = null)
{
    private readonly MessagingOptions _options = options.Value;
    private readonly LogThrottle _outageLog = new(time, TimeSpan.FromSeconds(30));

    /// <summary>Runs attempts until one succeeds, none is left, or the consumer stops.</summary>
    /// <param name="received">The event; its attempt header counts the first try here.</param>
    /// <param name="attemptAsync">One attempt; returns how it succeeded.</param>
    /// <param name="measurement">Is told of every attempt that threw.</param>
    /// <param name="lifetime">How long attempts may go on.</param>
    public async Task<HandlingOutcome> RunAsync(
        ReceivedEvent received, Func<EventContext, Task<HandlingOutcome>> attemptAsync, DeliveryMeasurement measurement,
        HandlingLifetime lifetime)
    {
        var context = received.Context;
        var patience = new Backoff(time);
        for (var retry = 0; ;)
        {
            Exception failure;
            try
            {
                var outcome = await attemptAsync(context);
                throttle.Succeeded();
                return outcome;
            }
            catch (OperationCanceledException) when (lifetime.Aborting.IsCancellationRequested)
            {
                return new HandlingOutcome.Interrupted(context.Attempt);
            }
#pragma warning disable CA1031 // A handler may throw anything; nothing of it may end the consumer.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = exception;
            }

            measurement.AttemptFailed(failure);
            TimeSpan delay;
            if (failure is PublishException { Reason: not PublishFailure.Unroutable } unpublished)
            {
                // The broker is away or full, which is no fault of the event: it waits here, and with it the queue, as back-pressure.
                delay = patience.Next();
                Log.WaitingForBroker(
                    logger, received.Route.HandlerName, received.Route.WireType, unpublished.Reason.ToString(), delay, failure);
            }
            else if (outages?.IsOutage(failure) == true)
            {
                // So it is with what the handler needs.
                delay = patience.Next();
                if (_outageLog.IsDue())
                {
                    Log.EventsWaitForDatabase(logger, received.Route.HandlerName, received.Route.WireType, delay, failure);
                }
            }
            else if (received.Route.Retry.IsPermanent(failure))
            {
                return new HandlingOutcome.Failed(context.Attempt, failure, context.Ledger, Permanent: true);
            }
            else
            {
                var asked = failure as RetryAfterException;
                if (retry == 0 && asked is not { UsesUpRetry: false })
                {
                    // Once for each event: one that fails for good must not weigh more, by its retries, than one that succeeds.
                    throttle.Failed(failure);
                }

                if (retry == _options.Retries || asked is not null)
                {
                    return new HandlingOutcome.Failed(context.Attempt, failure, context.Ledger);
                }

                delay = Backoff.Jitter(_options.RetryDelay * (1 << retry));
                Log.Retrying(logger, received.Route.HandlerName, received.Route.WireType, context.Attempt, delay, failure);
                retry++;
                context = context with { Attempt = context.Attempt + 1 };
                measurement.Retrying();
            }

            context = context.Enter(Stage.Retry, time);
            await Task.Delay(delay, time, lifetime.Draining).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (lifetime.Draining.IsCancellationRequested)
            {
                return new HandlingOutcome.Interrupted(context.Attempt);
            }

            context = context.Enter(Stage.Handling, time);
        }
    }
}
