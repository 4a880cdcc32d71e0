namespace OrderFlow.Messaging.Consuming;

/// <summary>
/// Starts the deliveries of one aggregate one after the other, each when the one before it is settled, and those of different aggregates
/// at once. One that waits for its retry takes no worker's place, only its own in the prefetch.
/// </summary>
/// <param name="handleAsync">Handles and settles a delivery.</param>
/// <param name="tryStart">Gives a delivery to the workers, which call <see cref="HandleAsync"/>; <see langword="false"/> when they take
/// nothing more.</param>
/// <param name="time">Counts the delays.</param>
/// <param name="draining">Ends all waiting: the deliveries are the broker's again.</param>
internal sealed class PartitionedDispatcher(
    Func<Delivery, Task<Settlement>> handleAsync, Func<Delivery, bool> tryStart, TimeProvider time, CancellationToken draining)
{
    private readonly Lock _gate = new();

    // An aggregate is in it while one of its deliveries is with the workers or waits; the queue has those behind it, if any.
    private readonly Dictionary<string, Queue<Delivery>?> _lanes = new(StringComparer.Ordinal);

    /// <summary>Takes a delivery, in the order of the queue; <see langword="false"/> when the workers take nothing more.</summary>
    public bool TryAdd(Delivery delivery)
    {
        // Without an aggregate it is nothing that could be handled.
        if (delivery.AggregateId is { } aggregate)
        {
            lock (_gate)
            {
                if (_lanes.TryGetValue(aggregate, out var behind))
                {
                    _lanes[aggregate] = behind ??= new Queue<Delivery>();
                    behind.Enqueue(delivery);
                    return true;
                }

                _lanes.Add(aggregate, null);
            }
        }

        return tryStart(delivery);
    }

    /// <summary>What the workers do with a delivery.</summary>
    public async Task HandleAsync(Delivery delivery)
    {
        if (await handleAsync(delivery) == Settlement.Later)
        {
            _ = StartLaterAsync(delivery);
        }
        else if (delivery.AggregateId is { } aggregate)
        {
            StartNext(aggregate);
        }
    }

    private async Task StartLaterAsync(Delivery delivery)
    {
        await Task.Delay(delivery.Delay, time, draining).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        delivery.ComeBack(time);
        if (!tryStart(delivery))
        {
            delivery.Release();
            StartNext(delivery.AggregateId!);
        }
    }

    private void StartNext(string aggregate)
    {
        while (TakeNext(aggregate) is { } next && !tryStart(next))
        {
            // The consumer stops: the broker delivers it again when the channel closes.
            next.Release();
        }
    }

    private Delivery? TakeNext(string aggregate)
    {
        lock (_gate)
        {
            if (_lanes[aggregate] is { Count: > 0 } behind)
            {
                return behind.Dequeue();
            }

            _lanes.Remove(aggregate);
            return null;
        }
    }
}
