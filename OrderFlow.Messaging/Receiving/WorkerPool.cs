using System.Collections.Concurrent;

namespace OrderFlow.Messaging.Receiving;

/// <summary>
/// Handles deliveries, a bounded number at a time, in the order they came. A worker lives while there is work: idle ones
/// waiting on a channel would all wake for every delivery at low rates.
/// </summary>
internal sealed class WorkerPool(int concurrency, Func<Delivery, Task> handleAsync)
{
    private readonly ConcurrentQueue<Delivery> waiting = new();
    private readonly TaskCompletionSource finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Workers, and one more for the pool itself until it is complete, so that it does not finish between two deliveries.
    private int users = 1;
    private int workers;
    private int completed;

    /// <summary>Workers at work.</summary>
    public int Active => Volatile.Read(ref workers);

    /// <summary>Hands a delivery over; <see langword="false"/> when the pool is complete.</summary>
    public bool TryAdd(Delivery delivery)
    {
        if (Volatile.Read(ref completed) != 0)
        {
            return false;
        }

        waiting.Enqueue(delivery);
        StartWorkerIfAllowed();
        return true;
    }

    /// <summary>Takes nothing more; the task ends with the last worker.</summary>
    public Task CompleteAsync()
    {
        if (Interlocked.Exchange(ref completed, 1) == 0)
        {
            Release();
        }

        return finished.Task;
    }

    private void StartWorkerIfAllowed()
    {
        for (var now = Volatile.Read(ref workers); now < concurrency; now = Volatile.Read(ref workers))
        {
            if (Interlocked.CompareExchange(ref workers, now + 1, now) == now)
            {
                Interlocked.Increment(ref users);
                _ = Task.Run(WorkAsync);
                return;
            }
        }
    }

    private async Task WorkAsync()
    {
        while (waiting.TryDequeue(out var delivery))
        {
            await handleAsync(delivery);
        }

        Interlocked.Decrement(ref workers);

        // A delivery may have come between the last look and the step back, when every other worker was busy.
        if (!waiting.IsEmpty)
        {
            StartWorkerIfAllowed();
        }

        Release();
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref users) == 0)
        {
            finished.TrySetResult();
        }
    }
}
