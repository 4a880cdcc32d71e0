using System.Diagnostics;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Durability;

namespace OrderFlow.Messaging.Handling;

/// <summary>
/// Gathers deliveries into transactions. A free lane takes whatever is ready, up to a batch, and never waits for more: at low
/// rates every event goes at once, at high rates many share a commit.
/// </summary>
internal sealed class TransactionalLanes
{
    private const string SpanName = "transaction";

    private readonly TransactionalBatch? batch;
    private readonly MessagingDiagnostics diagnostics;
    private readonly string service;
    private readonly MessagingOptions options;
    private readonly Lock gate = new();
    private readonly Queue<Waiting> waiting = new();
    private int busy;

    /// <exception cref="InvalidOperationException">The service handles events in transactions and has no database.</exception>
    public TransactionalLanes(MessagingWiring wiring, IOptions<MessagingOptions> options, MessagingDiagnostics diagnostics, TransactionalBatch? batch = null)
    {
        (service, this.options, this.diagnostics, this.batch) = (wiring.Service, options.Value, diagnostics, batch);
        if (batch is null && wiring.Handled.Values.FirstOrDefault(route => route is ITransactionalRoute) is { } route)
        {
            throw new InvalidOperationException(
                $"{service} handles {route.WireType} in a transaction ({route.HandlerName}), but has no database. Add the line " +
                $"builder.AddDurability(\"<connection name>\"); where the service calls AddMessaging.");
        }
    }

    /// <summary>Has the delivery handled in some transaction.</summary>
    /// <param name="delivery">What to handle.</param>
    /// <param name="alone">Whether it gets a transaction of its own, as one that has failed before.</param>
    /// <param name="aborting">Ends it, and with it the transaction.</param>
    public Task<DeliveryOutcome> HandleAsync(TransactionalDelivery delivery, bool alone, CancellationToken aborting)
    {
        var entry = new Waiting(delivery, alone, aborting);
        lock (gate)
        {
            waiting.Enqueue(entry);
            if (busy == options.BatchLanes)
            {
                return entry.Task;
            }

            busy++;
        }

        // A lane outlives the delivery that opens it, whose span and log scope must not surround those of others.
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(WorkAsync, CancellationToken.None);
        }

        return entry.Task;
    }

    /// <summary>Whether the event's effect is committed already: then this is a duplicate, and counts as one.</summary>
    public Task<bool> IsDuplicateAsync(EventRoute route, Guid eventId, CancellationToken cancellationToken) =>
        batch!.IsDuplicateAsync(service, route.WireType, route.HandlerName, eventId, cancellationToken);

    private async Task WorkAsync()
    {
        while (TakeReady() is { } ready)
        {
            await HandleAsync(ready);
        }
    }

    /// <summary>Takes a batch; with none left, the lane ends.</summary>
    private List<Waiting>? TakeReady()
    {
        lock (gate)
        {
            if (!waiting.TryDequeue(out var first))
            {
                busy--;
                return null;
            }

            List<Waiting> ready = [first];
            while (!first.Alone && ready.Count < options.BatchSize && waiting.TryPeek(out var next) && !next.Alone && next.Aborting == first.Aborting)
            {
                ready.Add(waiting.Dequeue());
            }

            return ready;
        }
    }

    private async Task HandleAsync(List<Waiting> ready)
    {
        var aborting = ready[0].Aborting;
        using var span = StartSpan(ready);
        try
        {
            aborting.ThrowIfCancellationRequested();
            var outcomes = await batch!.HandleAsync(service, [.. ready.Select(entry => entry.Delivery)], aborting);
            foreach (var (entry, outcome) in ready.Zip(outcomes))
            {
                entry.SetResult(outcome);
            }
        }
        catch (OperationCanceledException) when (aborting.IsCancellationRequested)
        {
            ready.ForEach(entry => entry.SetCanceled(aborting));
        }
#pragma warning disable CA1031 // Whatever it is, somebody waits for it; what handlers throw is in the outcomes.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            span?.SetTag(Tags.ErrorType, exception.GetType().FullName);
            span?.SetStatus(ActivityStatusCode.Error);
            var outcome = new DeliveryOutcome(DeliveryStatus.Failed, new BatchNotHandledException(exception));
            ready.ForEach(entry => entry.SetResult(outcome));
        }
    }

    /// <summary>A transaction has one place in one trace: below a delivery of it, a sampled one if there is any. The handlers have their own spans around them.</summary>
    private Activity? StartSpan(List<Waiting> ready)
    {
        Activity.Current = (ready.Find(entry => entry.Surrounding is { Recorded: true }) ?? ready[0]).Surrounding;
        var span = Activity.Current is null ? null : diagnostics.Spans.StartActivity(SpanName);
        return ready.Count > 1 ? span?.SetTag(Tags.BatchCount, ready.Count) : span;
    }

    private sealed class Waiting(TransactionalDelivery delivery, bool alone, CancellationToken aborting)
        : TaskCompletionSource<DeliveryOutcome>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public TransactionalDelivery Delivery { get; } = delivery;

        public bool Alone { get; } = alone;

        public CancellationToken Aborting { get; } = aborting;

        /// <summary>The delivery's own span.</summary>
        public Activity? Surrounding { get; } = Activity.Current;
    }
}
