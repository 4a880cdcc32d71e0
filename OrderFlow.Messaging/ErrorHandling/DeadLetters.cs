using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrderFlow.Messaging.Consuming;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.ErrorHandling;

/// <summary>
/// Moves deliveries to the dead-letter queue. The original is acknowledged only after the broker has confirmed the copy and the database
/// has that the flow is given up.
/// </summary>
internal sealed class DeadLetters(
    MessagingWiring wiring, DeadLetterEncoder encoder, MessageForwarder mover, IServiceScopeFactory scopes, TimeProvider time,
    ILogger<DeadLetters> logger, IGivenUpFlowRecorder? givenUp = null)
{
    private string Queue => wiring.Topology.DeadLetterQueue;

    public async Task<Settlement> AddUnreadableAsync(Delivery delivery, Unreadable unreadable, CancellationToken draining)
    {
        var settled = await AddAsync(
            delivery,
            new DeadLetterReason(unreadable.Reason, unreadable.Detail, unreadable.Route?.HandlerName, 0, Exception: null),
            draining);
        if (settled != Settlement.Keep)
        {
            Log.Unreadable(logger, wiring.Service, unreadable.Reason, unreadable.Detail, Queue);
        }

        return unreadable is { Route: { } route, Context: { } context }
            ? await GiveUpAsync(settled, delivery, route, context, draining)
            : settled;
    }

    public async Task<Settlement> AddFailedAsync(
        Delivery delivery, ReceivedEvent received, HandlingOutcome.Failed failed, CancellationToken draining)
    {
        var ledger = failed.Ledger.Enter(Stage.DeadLetter, time);
        var reason = new DeadLetterReason(
            failed.Permanent ? DeadLetterReasons.PermanentFailure : DeadLetterReasons.HandlerFailed,
            failed.Exception.Message,
            received.Route.HandlerName,
            failed.Attempt,
            failed.Exception,
            ledger);
        var settled = await AddAsync(delivery, reason, draining);
        if (settled != Settlement.Keep)
        {
            Log.DeadLettered(logger, received.Route.HandlerName, received.Route.WireType, failed.Attempt, Queue, failed.Exception);
            var context = received.Context with { Attempt = failed.Attempt, Stages = ledger };
            await NotifyObserversAsync(received, context, failed.Exception);
            return await GiveUpAsync(settled, delivery, received.Route, context, draining);
        }

        return settled;
    }

    /// <summary>
    /// What the broker took out of the service's queue becomes a dead letter as any other: with a reason, told of, and counted.
    /// </summary>
    /// <param name="delivery">As it came from the queue of the undelivered.</param>
    /// <param name="death">What the broker says.</param>
    /// <param name="received">The event, if it is one.</param>
    /// <param name="draining">Ends the wait for the broker.</param>
    public async Task<Settlement> AddUndeliveredAsync(
        Delivery delivery, BrokerDeath death, ReceivedEvent? received, CancellationToken draining)
    {
        var ledger = received?.Context.Ledger.Enter(Stage.DeadLetter, time);
        var exception = new UndeliveredException(death.Describe());
        var reason = new DeadLetterReason(
            death.Reason, exception.Message, received?.Route.HandlerName, received?.Context.Attempt ?? 0, Exception: null, ledger);
        var settled = await AddAsync(delivery, reason, draining);
        if (settled != Settlement.Keep)
        {
            Log.Undelivered(
                logger,
                wiring.Service,
                death.Reason,
                received?.Route.WireType ?? delivery.Properties.Type,
                delivery.Properties.MessageId,
                Queue);
            if (received is not null && settled == Settlement.Acknowledge)
            {
                var context = received.Context with { Stages = ledger };
                await NotifyObserversAsync(received, context, exception);
                return await GiveUpAsync(settled, delivery, received.Route, context, draining);
            }
        }

        return settled;
    }

    /// <summary>
    /// Records once that the flow is given up. A delivery that the service keeps meanwhile becomes a dead letter again, and is recorded
    /// then.
    /// </summary>
    private async Task<Settlement> GiveUpAsync(
        Settlement settled, Delivery delivery, EventRoute route, EventContext context, CancellationToken draining)
    {
        if (settled == Settlement.Keep || givenUp is null || !route.Retry.FailsFlow)
        {
            return settled;
        }

        var run = new PropertyReader(delivery.Properties).OptionalGuid(HeaderNames.ReplayRun) ?? Guid.Empty;
        return await givenUp.TryRecordAsync(context, run, draining) ? settled : Settlement.Keep;
    }

    private Task<Settlement> AddAsync(Delivery delivery, DeadLetterReason reason, CancellationToken draining) =>
        mover.MoveAsync(Queue, LifecycleEventNames.DeadLettered, () => encoder.Encode(delivery, reason), draining);

    private async Task NotifyObserversAsync(ReceivedEvent received, EventContext context, Exception exception)
    {
        await using var scope = scopes.CreateAsyncScope();
        foreach (var (observer, notify) in received.Route.DeadLetterObservers(scope.ServiceProvider, context, received.Body, exception))
        {
            try
            {
                notify();
            }
#pragma warning disable CA1031 // The dead letter is safe; an observer's fault is its own.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                Log.DeadLetterObserverFailed(logger, observer, received.Route.WireType, fault);
            }
        }
    }
}
