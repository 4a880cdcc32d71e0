using OrderFlow.Messaging.Handling;

namespace OrderFlow.Messaging.Receiving;

/// <summary>
/// The workers of a session. Deliveries for transactional handlers have workers of their own, enough to fill the batches:
/// theirs only wait for a transaction, and must neither take the places of the others nor be short of places.
/// </summary>
internal sealed class WorkerPools(MessagingWiring wiring, MessagingOptions options, Func<Delivery, Task> handleAsync)
{
    private readonly WorkerPool plain = new(options.Concurrency, handleAsync);
    private readonly WorkerPool transactional = new(options.BatchSize * options.BatchLanes, handleAsync);

    /// <summary>Workers at work.</summary>
    public int Active => plain.Active + transactional.Active;

    /// <summary>Hands a delivery over; <see langword="false"/> when the pools are complete.</summary>
    public bool TryAdd(Delivery delivery) =>
        (wiring.Handled.GetValueOrDefault(delivery.Properties.Type ?? "") is ITransactionalRoute ? transactional : plain).TryAdd(delivery);

    /// <summary>Takes nothing more; the task ends with the last worker.</summary>
    public Task CompleteAsync() => Task.WhenAll(plain.CompleteAsync(), transactional.CompleteAsync());
}
