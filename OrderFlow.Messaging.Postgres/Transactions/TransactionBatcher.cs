using System.Diagnostics;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Handlers;
using OrderFlow.Messaging.Postgres.Database;

namespace OrderFlow.Messaging.Postgres.Transactions;

/// <summary>
/// Gathers deliveries into transactions. A free lane takes whatever is ready, up to a batch, and never waits for more: at low
/// rates every event goes at once, at high rates many share a commit.
/// </summary>
internal sealed class TransactionBatcher
{
    private readonly TransactionalBatch? _batch;
    private readonly string _service;
    private readonly MessagingOptions _options;
    private readonly Lock _gate = new();
    private readonly Queue<Waiting> _waiting = new();
    private int _busy;

    /// <exception cref="InvalidOperationException">The service handles events in transactions and has no database.</exception>
    public TransactionBatcher(MessagingWiring wiring, IOptions<MessagingOptions> options, TransactionalBatch? batch = null)
    {
        (_service, _options, _batch) = (wiring.Service, options.Value, batch);
        if (batch is null && wiring.Handled.Values.FirstOrDefault(route => route is ITransactionalRoute) is { } route)
        {
            throw new InvalidOperationException(
                $"{_service} handles {route.WireType} in a transaction ({route.HandlerName}), but has no database. Add the line " +
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
        lock (_gate)
        {
            _waiting.Enqueue(entry);
            if (_busy == _options.BatchLanes)
            {
                return entry.Task;
            }

            _busy++;
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
        _batch!.IsDuplicateAsync(_service, route.WireType, route.HandlerName, eventId, cancellationToken);

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
        lock (_gate)
        {
            if (!_waiting.TryDequeue(out var first))
            {
                _busy--;
                return null;
            }

            List<Waiting> ready = [first];
            while (!first.Alone && ready.Count < _options.BatchSize && _waiting.TryPeek(out var next) && !next.Alone && next.Aborting == first.Aborting)
            {
                ready.Add(_waiting.Dequeue());
            }

            return ready;
        }
    }

    private async Task HandleAsync(List<Waiting> ready)
    {
        var aborting = ready[0].Aborting;
        PlaceInTraces(ready);
        try
        {
            aborting.ThrowIfCancellationRequested();
            var outcomes = await _batch!.HandleAsync(_service, [.. ready.Select(entry => entry.Delivery)], aborting);
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
            var outcome = new DeliveryOutcome(DeliveryStatus.Failed, new BatchNotHandledException(exception));
            ready.ForEach(entry => entry.SetResult(outcome));
        }
    }

    /// <summary>
    /// Each delivery has a span of its own for the transaction, and its handler runs in it. What the transaction does for all of them can only
    /// be in one: a sampled one, if there is any.
    /// </summary>
    private static void PlaceInTraces(List<Waiting> ready)
    {
        Activity.Current = (ready.Find(entry => entry.Span is { Recorded: true }) ?? ready[0]).Span;
        if (ready.Count > 1)
        {
            ready.ForEach(entry => entry.Span?.SetTag(Tags.BatchCount, ready.Count));
        }
    }

    private sealed class Waiting(TransactionalDelivery delivery, bool alone, CancellationToken aborting)
        : TaskCompletionSource<DeliveryOutcome>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public TransactionalDelivery Delivery { get; } = delivery;

        public bool Alone { get; } = alone;

        public CancellationToken Aborting { get; } = aborting;

        /// <summary>The delivery's span of the transaction.</summary>
        public Activity? Span { get; } = Activity.Current;
    }
}
