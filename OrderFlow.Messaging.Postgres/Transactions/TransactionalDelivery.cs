using System.Diagnostics;
using Google.Protobuf;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Postgres.Database;

namespace OrderFlow.Messaging.Postgres.Transactions;

/// <summary>Calls the handler of an event.</summary>
internal delegate Task TransactionalHandling(ITransactionalContext context, IMessage @event, CancellationToken cancellationToken);

/// <summary>Calls the handler of a batch.</summary>
internal delegate Task BatchHandling(
    IBatchTransaction transaction, IReadOnlyList<HandledEvent> events, CancellationToken cancellationToken);

/// <summary>An event to handle in a transaction.</summary>
/// <param name="EventType">Its wire type, and <paramref name="Handler"/> the handler's name: labels.</param>
/// <param name="Handler">See <paramref name="EventType"/>.</param>
/// <param name="Context">What came with it.</param>
/// <param name="Event">Its body.</param>
/// <param name="HandleAsync">Called once per attempt: a second time when its batch failed for whatever reason. Not called when there is a
/// <see cref="HandleBatchAsync"/>.</param>
internal sealed record TransactionalDelivery(
    string EventType, string Handler, EventContext Context, IMessage Event, TransactionalHandling HandleAsync)
{
    /// <summary>Handles all deliveries of the batch at once; the same for all deliveries of the event type.</summary>
    public BatchHandling? HandleBatchAsync { get; init; }

    /// <summary>What the first step of its handler made.</summary>
    public object? Prepared { get; init; }

    /// <summary>Its trace and log scope.</summary>
    public ExecutionContext? Surroundings { get; init; }

    /// <summary>Its span.</summary>
    public Activity? Span { get; init; }
}

/// <summary>What became of a delivery.</summary>
internal enum DeliveryStatus
{
    /// <summary>Its effect is committed by this delivery.</summary>
    Handled,

    /// <summary>Its effect was committed by an earlier delivery; this one had none.</summary>
    Duplicate,

    /// <summary>It has no effect that is known to be committed. Deliver it again.</summary>
    Failed,
}

/// <summary>What became of a delivery, and why.</summary>
internal readonly record struct DeliveryOutcome(DeliveryStatus Status, Exception? Exception = null)
{
    /// <summary>
    /// Whether the database is the reason, not the event: wait and deliver it again, without counting an attempt against it.
    /// </summary>
    public bool IsTransient => Exception is not null && DatabaseFault.IsTransient(Exception);
}
