using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Messaging.Postgres.Database;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.Postgres.Transactions;

/// <summary>
/// Gathers deliveries into transactions, each with one kind of event. A free lane takes whatever is ready, up to a batch, and never
/// waits for more: at low rates every event goes at once, at high rates many share a commit.
/// </summary>
internal sealed class TransactionBatcher(
    MessagingWiring wiring, TransactionalBatch batch, IOptions<MessagingOptions> options, TimeProvider time)
{
    /// <summary>Of the transaction that the events of a batch share.</summary>
    private const string SpanName = "transaction";

    private static readonly ActivitySource Spans = new(MessagingTelemetry.Name);
    private readonly MessagingOptions _options = options.Value;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<Waiting>> _waiting = new(StringComparer.Ordinal);

    /// <summary>The kinds of event that something waits of, each once, in the order in which they get their turn.</summary>
    private readonly Queue<string> _kinds = new();
    private int _busy;

    /// <summary>Has an event handled in some transaction.</summary>
    /// <param name="route">The way to its handler.</param>
    /// <param name="context">What came with it.</param>
    /// <param name="event">Its body.</param>
    /// <param name="handleAsync">Calls the handler in the transaction.</param>
    /// <param name="aborting">Ends it, and with it the transaction.</param>
    public Task<HandlingResult> HandleAsync(
        EventRoute route, EventContext context, IMessage @event, TransactionalHandling handleAsync, CancellationToken aborting)
    {
        return HandleAsync(context, MakeDelivery, aborting);

        TransactionalDelivery MakeDelivery(EventContext entered, ExecutionContext? surroundings) => new(
            route.WireType,
            route.HandlerName,
            entered,
            @event,
            (transaction, body, cancellationToken) => RunIn(surroundings, () => handleAsync(transaction, body, cancellationToken)));
    }

    /// <summary>Has an event handled together with others of its kind in some transaction.</summary>
    /// <param name="route">The way to its handler.</param>
    /// <param name="context">What came with it.</param>
    /// <param name="event">Its body.</param>
    /// <param name="prepared">What the first step of its handler made.</param>
    /// <param name="handleAsync">Calls the handler for all of them; the same for every event of the route.</param>
    /// <param name="aborting">Ends it, and with it the transaction.</param>
    public Task<HandlingResult> HandleAsync(
        EventRoute route, EventContext context, IMessage @event, object? prepared, BatchHandling handleAsync, CancellationToken aborting)
    {
        return HandleAsync(context, MakeDelivery, aborting);

        TransactionalDelivery MakeDelivery(EventContext entered, ExecutionContext? surroundings) =>
            new(route.WireType, route.HandlerName, entered, @event, InBatchOnly)
            {
                HandleBatchAsync = handleAsync, Prepared = prepared, Surroundings = surroundings, Span = Activity.Current,
            };
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
            Add(entry);
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
        batch.IsDuplicateAsync(wiring.Service, route.WireType, route.HandlerName, eventId, cancellationToken);

    private async Task<HandlingResult> HandleAsync(
        EventContext context, Func<EventContext, ExecutionContext?, TransactionalDelivery> makeDelivery, CancellationToken aborting)
    {
        // The transaction is shared; this delivery's span and log scope surround its handler alone.
        var delivery = makeDelivery(context.Enter(Stage.Transaction, time), ExecutionContext.Capture());
        // What was tried before may fail again, and then it would take a whole batch with it.
        var outcome = await HandleAsync(delivery, alone: context.Attempt > 1, aborting);
        if (outcome.Status == DeliveryStatus.Failed)
        {
            ExceptionDispatchInfo.Throw(outcome.Exception!);
        }

        return outcome.Status == DeliveryStatus.Duplicate ? HandlingResult.Duplicate : HandlingResult.Handled;
    }

    private static Task InBatchOnly(ITransactionalContext context, IMessage body, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("The handler takes its events in batches.");

    private static Task RunIn(ExecutionContext? surroundings, Func<Task> handleAsync)
    {
        if (surroundings is null)
        {
            return handleAsync();
        }

        Task? handling = null;
        ExecutionContext.Run(surroundings, _ => handling = handleAsync(), null);
        return handling!;
    }

    private void Add(Waiting entry)
    {
        var kind = entry.Delivery.EventType;
        if (!_waiting.TryGetValue(kind, out var waiting))
        {
            _waiting.Add(kind, waiting = new Queue<Waiting>());
        }

        if (waiting.Count == 0)
        {
            _kinds.Enqueue(kind);
        }

        waiting.Enqueue(entry);
    }

    private async Task WorkAsync()
    {
        while (TakeReady() is { } ready)
        {
            await HandleAsync(ready);
        }
    }

    /// <summary>Takes a batch of one kind of event; with none left, the lane ends.</summary>
    private List<Waiting>? TakeReady()
    {
        lock (_gate)
        {
            if (!_kinds.TryDequeue(out var kind))
            {
                _busy--;
                return null;
            }

            var waiting = _waiting[kind];
            var first = waiting.Dequeue();
            List<Waiting> ready = [first];
            while (!first.Alone && ready.Count < _options.BatchSize
                && waiting.TryPeek(out var next) && !next.Alone && next.Aborting == first.Aborting)
            {
                ready.Add(waiting.Dequeue());
            }

            if (waiting.Count > 0)
            {
                _kinds.Enqueue(kind);
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
            var outcomes = await batch.HandleAsync(wiring.Service, [.. ready.Select(entry => entry.Delivery)], aborting);
            if (Array.Find(outcomes, outcome => outcome.Status == DeliveryStatus.Failed) is { Exception: { } failure })
            {
                span?.SetTag(MessagingTelemetry.ErrorType, failure.GetType().FullName).SetStatus(ActivityStatusCode.Error);
            }

            span?.Stop();
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
    /// What the transaction does for all of its events can only be in one of their traces: a sampled one, if there is any.
    /// </summary>
    private static Activity? StartSpan(List<Waiting> ready)
    {
        Activity.Current = (ready.Find(entry => entry.Span is { Recorded: true }) ?? ready[0]).Span;
        var span = Spans.StartActivity(SpanName);
        if (ready.Count > 1)
        {
            span?.SetTag(MessagingTelemetry.BatchCount, ready.Count);
            ready.ForEach(entry => entry.Span?.SetTag(MessagingTelemetry.BatchCount, ready.Count));
        }

        return span;
    }

    private sealed class Waiting(TransactionalDelivery delivery, bool alone, CancellationToken aborting)
        : TaskCompletionSource<DeliveryOutcome>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public TransactionalDelivery Delivery { get; } = delivery;

        public bool Alone { get; } = alone;

        public CancellationToken Aborting { get; } = aborting;

        /// <summary>The delivery's span.</summary>
        public Activity? Span { get; } = Activity.Current;
    }
}
