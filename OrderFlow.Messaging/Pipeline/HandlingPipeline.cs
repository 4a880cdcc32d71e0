using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrderFlow.Messaging.Consuming;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.ErrorHandling;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.LifecycleEvents;
using OrderFlow.Messaging.Postgres.Transactions;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Messaging.Pipeline;

/// <summary>
/// What happens to every delivery, in this order and written nowhere else:
/// decode, further wait if one was asked for, brake, span, metrics, log scope, retry, preparation and transaction (if the handler asks for them), service scope, handler, acknowledgement (after a notice, if the event was replayed),
/// delayed retry or dead letter.
/// </summary>
internal sealed class HandlingPipeline(
    DeliveryDecoder decoder,
    InProcessRetry retry,
    TransactionBatcher lanes,
    ConsumerThrottle brake,
    DelayedRetries delayedRetries,
    DeadLetters deadLetters,
    LifecycleEventPublisher notices,
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
        if (readable && received!.Rest > TimeSpan.Zero && await delayedRetries.TryWaitOnAsync(delivery, received, lifetime.Draining) is { } waits)
        {
            return waits;
        }

        using var passage = readable ? await brake.EnterAsync(lifetime.Draining) : default;
        if (lifetime.Draining.IsCancellationRequested)
        {
            return Settlement.Keep;
        }

        using var measurement = new HandlingMeasurement(diagnostics, wiring, delivery, readable ? received!.Route : unreadable.Route, time);
        if (delivery.Queue == wiring.Topology.UndeliveredQueue)
        {
            var death = BrokerDeath.Of(delivery.Properties);
            var settled = await deadLetters.AddUndeliveredAsync(delivery, death, received, lifetime.Draining);
            measurement.Unreadable(death.Reason, settled);
            return settled;
        }

        if (!readable)
        {
            var settled = await deadLetters.AddUnreadableAsync(delivery, unreadable, lifetime.Draining);
            measurement.Unreadable(unreadable.Reason, settled);
            return settled;
        }

        received = received! with { Context = received.Context.Enter(Stage.Handling, time) };
        measurement.Receive(received);
        using var logScope = logger.BeginScope(new HandlingLogScope(received.Context, measurement.TraceId));
        var outcome = await retry.RunAsync(received, (context, aborting) => AttemptAsync(received, context, aborting), measurement, lifetime);
        if (received.Context.Replayed && outcome is (HandlingOutcome.Succeeded or HandlingOutcome.Duplicate))
        {
            // Somebody sent it back and wants to know.
            await notices.PublishAsync(LifecycleEventNames.Handled, delivery.Properties, lifetime.Draining);
        }

        switch (outcome)
        {
            case HandlingOutcome.Succeeded:
                measurement.Succeeded();
                Log.Handled(logger, received.Route.WireType, received.Route.HandlerName, outcome.Attempt);
                return Settlement.Acknowledge;
            case HandlingOutcome.Duplicate:
                measurement.Duplicate();
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

    private async Task<HandlingOutcome> AttemptAsync(ReceivedEvent received, EventContext context, CancellationToken aborting)
    {
        switch (received.Route)
        {
            case ITransactionalRoute route:
                return await AttemptInTransactionAsync(route, received, context, aborting);
            case IPlainRoute route:
                await using (var scope = scopes.CreateAsyncScope())
                {
                    await route.HandleAsync(scope.ServiceProvider, new HandlingContext(context, publisher, time), received.Body, aborting);
                }

                return new HandlingOutcome.Succeeded(context.Attempt);
            default:
                throw new UnreachableException($"{received.Route.GetType().Name} leads to no handler.");
        }
    }

    private async Task<HandlingOutcome> AttemptInTransactionAsync(ITransactionalRoute route, ReceivedEvent received, EventContext context, CancellationToken aborting)
    {
        object? prepared = null;
        if (route is IPreparingRoute preparing)
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                prepared = await preparing.PrepareAsync(scope.ServiceProvider, context, received.Body, aborting);
            }
            catch (Exception) when (!aborting.IsCancellationRequested)
            {
                if (await lanes.IsDuplicateAsync(received.Route, context.EventId, aborting))
                {
                    // No failure that a second delivery meets may make a dead letter of an event that is done.
                    return new HandlingOutcome.Duplicate(context.Attempt);
                }

                throw;
            }
        }

        // The transaction is shared; this delivery's spans and log scope surround its handler alone.
        using var span = diagnostics.Spans.StartActivity(MessagingDiagnostics.TransactionSpanName);
        var surroundings = ExecutionContext.Capture();
        var delivery = new TransactionalDelivery(received.Route.WireType, received.Route.HandlerName, context.Enter(Stage.Transaction, time), received.Body, HandleInSurroundings);
        // What was tried before may fail again, and then it would take a whole batch with it.
        var outcome = await lanes.HandleAsync(delivery, alone: context.Attempt > 1, aborting);
        switch (outcome.Status)
        {
            case DeliveryStatus.Handled:
                return new HandlingOutcome.Succeeded(context.Attempt);
            case DeliveryStatus.Duplicate:
                return new HandlingOutcome.Duplicate(context.Attempt);
            default:
                span?.SetTag(Tags.ErrorType, outcome.Exception!.GetType().FullName).SetStatus(ActivityStatusCode.Error);
                ExceptionDispatchInfo.Throw(outcome.Exception!);
                throw new UnreachableException();
        }

        Task HandleInSurroundings(ITransactionalContext transaction, IMessage @event, CancellationToken cancellationToken)
        {
            if (surroundings is null)
            {
                return HandleAsync();
            }

            Task? handling = null;
            ExecutionContext.Run(surroundings, _ => handling = HandleAsync(), null);
            return handling!;

            async Task HandleAsync()
            {
                await using var scope = scopes.CreateAsyncScope();
                await route.HandleAsync(scope.ServiceProvider, transaction, @event, prepared, cancellationToken);
            }
        }
    }
}
