using System.Collections.Concurrent;

namespace OrderFlow.Messaging.Consuming;

/// <summary>
/// Handles deliveries, a bounded number at a time, in the order they came. A worker lives while there is work: idle ones
/// waiting on a channel would all wake for every delivery at low rates.
/// </summary>
internal sealed class WorkerPool(int concurrency, Func<Delivery, Task> handleAsync)
{
    private readonly ConcurrentQueue<Delivery> _waiting = new();
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Workers, and one more for the pool itself until it is complete, so that it does not finish between two deliveries.
    private int _users = 1;
    private int _workers;
    private int _completed;

    /// <summary>Workers at work.</summary>
    public int Active => Volatile.Read(ref _workers);

    /// <summary>Hands a delivery over; <see langword="false"/> when the pool is complete.</summary>
    public bool TryAdd(Delivery delivery)
    {
        if (Volatile.Read(ref _completed) != 0)
        {
            return false;
        }

        _waiting.Enqueue(delivery);
        StartWorkerIfAllowed();
        return true;
    }

    /// <summary>Takes nothing more; the task ends with the last worker.</summary>
    public Task CompleteAsync()
    {
        if (Interlocked.Exchange(ref _completed, 1) == 0)
        {
            Release();
        }

        return _finished.Task;
    }

    private void StartWorkerIfAllowed()
    {
        for (var now = Volatile.Read(ref _workers); now < concurrency; now = Volatile.Read(ref _workers))
        {
            if (Interlocked.CompareExchange(ref _workers, now + 1, now) == now)
            {
                Interlocked.Increment(ref _users);
                _ = Task.Run(WorkAsync);
                return;
            }
        }
    }

    private async Task WorkAsync()
    {
        while (_waiting.TryDequeue(out var delivery))
        {
            await handleAsync(delivery);
        }

        Interlocked.Decrement(ref _workers);

        // A delivery may have come between the last look and the step back, when every other worker was busy.
        if (!_waiting.IsEmpty)
        {
            StartWorkerIfAllowed();
        }

        Release();
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            _finished.TrySetResult();
        }
    }
}
