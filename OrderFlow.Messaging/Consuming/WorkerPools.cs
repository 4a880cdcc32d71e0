using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.Consuming;

/// <summary>
/// The workers of a session. Deliveries for transactional handlers have workers of their own, enough to fill the batches and the next one:
/// theirs only wait for a transaction, and must neither take the places of the others nor be short of places.
/// Where order is kept, a delivery comes to its workers when those of its aggregate before it are done.
/// </summary>
internal sealed class WorkerPools
{
    private readonly MessagingWiring _wiring;
    private readonly WorkerPool _plain;
    private readonly WorkerPool _transactional;
    private readonly PartitionedDispatcher? _lanes;

    public WorkerPools(
        MessagingWiring wiring,
        MessagingOptions options,
        Func<Delivery, Task<Settlement>> handleAsync,
        TimeProvider time,
        CancellationToken draining)
    {
        _wiring = wiring;
        _lanes = wiring.KeepsOrder ? new PartitionedDispatcher(handleAsync, TryStart, time, draining) : null;
        Func<Delivery, Task> workAsync = _lanes is null ? handleAsync : _lanes.HandleAsync;
        _plain = new WorkerPool(options.Concurrency, workAsync);
        _transactional = new WorkerPool(options.BatchSize * (options.BatchLanes + 1), workAsync);
    }

    /// <summary>Workers at work.</summary>
    public int Active => _plain.Active + _transactional.Active;

    /// <summary>Hands a delivery over; <see langword="false"/> when the pools are complete.</summary>
    public bool TryAdd(Delivery delivery) => _lanes?.TryAdd(delivery) ?? TryStart(delivery);

    /// <summary>Takes nothing more; the task ends with the last worker.</summary>
    public Task CompleteAsync() => Task.WhenAll(_plain.CompleteAsync(), _transactional.CompleteAsync());

    private bool TryStart(Delivery delivery) =>
        (_wiring.Handled.GetValueOrDefault(delivery.Properties.Type ?? "")?.IsTransactional == true ? _transactional : _plain).TryAdd(
            delivery);
}
