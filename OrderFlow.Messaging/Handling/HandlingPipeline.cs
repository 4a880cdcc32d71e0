using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Publishing;
using OrderFlow.Messaging.Receiving;
using OrderFlow.Messaging.Retrying;

namespace OrderFlow.Messaging.Handling;

/// <summary>
/// What happens to every delivery, in this order and written nowhere else:
/// decode, brake, span, metrics, log scope, retry, service scope, handler, acknowledgement, delayed retry or dead letter.
/// </summary>
internal sealed class HandlingPipeline(
    DeliveryDecoder decoder,
    InProcessRetry retry,
    Brake brake,
    DelayedRetries delayedRetries,
    DeadLetters deadLetters,
    IEventPublisher publisher,
    IServiceScopeFactory scopes,
    MessagingDiagnostics diagnostics,
    MessagingWiring wiring,
    TimeProvider time,
    ILogger<HandlingPipeline> logger)
{
    public async Task<Settlement> ProcessAsync(Delivery delivery, HandlingLifetime lifetime)
    {
        var readable = decoder.TryDecode(delivery, out var received, out var unreadable);
        using var passage = readable ? await brake.EnterAsync(lifetime.Draining) : default;
        if (lifetime.Draining.IsCancellationRequested)
        {
            return Settlement.Keep;
        }

        using var measurement = new HandlingMeasurement(diagnostics, wiring, delivery, readable ? received!.Route : unreadable.Route);
        if (!readable)
        {
            var settled = await deadLetters.AddUnreadableAsync(delivery, unreadable, lifetime.Draining);
            measurement.Unreadable(unreadable.Reason, settled);
            return settled;
        }

        measurement.Receive(received!);
        using var logScope = logger.BeginScope(new HandlingLogScope(received!.Context, measurement.TraceId));
        var outcome = await retry.RunAsync(received!, (context, aborting) => AttemptAsync(received, context, aborting), measurement, lifetime);
        switch (outcome)
        {
            case HandlingOutcome.Succeeded:
                measurement.Succeeded();
                Log.Handled(logger, received.Route.WireType, received.Route.HandlerName, outcome.Attempt);
                return Settlement.Acknowledge;
            case HandlingOutcome.Failed failed:
                if (await delayedRetries.TryAddAsync(delivery, received, failed, lifetime.Draining) is { } delayed)
                {
                    measurement.RetryQueued(failed.Exception, delayed);
                    return delayed;
                }

                var settled = await deadLetters.AddFailedAsync(delivery, received, failed, lifetime.Draining);
                measurement.Failed(failed, settled);
                return settled;
            default:
                return Settlement.Keep;
        }
    }

    private async Task AttemptAsync(ReceivedEvent received, EventContext context, CancellationToken aborting)
    {
        await using var scope = scopes.CreateAsyncScope();
        await received.Route.HandleAsync(scope.ServiceProvider, new HandlingContext(context, publisher, time), received.Body, aborting);
    }
}
