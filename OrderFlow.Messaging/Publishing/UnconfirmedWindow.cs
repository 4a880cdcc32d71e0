namespace OrderFlow.Messaging.Publishing;

/// <summary>
/// The messages of one channel that the broker has not confirmed, in the order of their sequence numbers: first those that
/// are written, then those that wait to be. One writer takes them; many publishers add; the connection's reader settles.
/// </summary>
internal sealed class UnconfirmedWindow : IDisposable
{
    private readonly Lock gate = new();
    private readonly PendingPublish?[] ring;
    private readonly SemaphoreSlim room;
    private ulong head = 1; // the oldest without a confirm
    private ulong next = 1; // the one the writer takes next; the broker counts from 1
    private ulong tail = 1; // the one added next
    private bool closed;
    private TaskCompletionSource? writerIdle;
    private TaskCompletionSource? emptied;

    public UnconfirmedWindow(int capacity)
    {
        ring = new PendingPublish?[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)capacity)];
        room = new SemaphoreSlim(capacity, capacity);
    }

    /// <summary>Takes a place in the window, waiting for one if need be.</summary>
    public Task<bool> WaitForRoomAsync(TimeSpan timeout, CancellationToken cancellationToken) => room.WaitAsync(timeout, cancellationToken);

    /// <summary>Takes a place in the window if one is free at once.</summary>
    public bool TryTakeRoom() => room.Wait(0, CancellationToken.None);

    /// <summary>Adds a message in the place taken before; <see langword="false"/> when the channel is gone.</summary>
    public bool TryAdd(PendingPublish pending)
    {
        TaskCompletionSource? wake;
        lock (gate)
        {
            if (closed)
            {
                return false;
            }

            Slot(tail++) = pending;
            (wake, writerIdle) = (writerIdle, null);
        }

        wake?.SetResult();
        return true;
    }

    /// <summary>The next message to write.</summary>
    public bool TryTakeNext([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PendingPublish? pending)
    {
        lock (gate)
        {
            pending = next == tail ? null : Slot(next++);
            return pending is not null;
        }
    }

    /// <summary>Waits until there is a message to write.</summary>
    public Task WaitForNextAsync()
    {
        lock (gate)
        {
            return next != tail || closed ? Task.CompletedTask : (writerIdle ??= NewSignal()).Task;
        }
    }

    /// <summary>Takes back the message taken last, which the client refused to write: it used no sequence number.</summary>
    public void TakeBack()
    {
        lock (gate)
        {
            next--;
            for (var at = next; at + 1 < tail; at++)
            {
                Slot(at) = Slot(at + 1);
            }

            Slot(--tail) = null;
            AnnounceIfEmpty();
        }

        room.Release();
    }

    /// <summary>The broker's confirm of one message, or of all up to it.</summary>
    public void Confirm(ulong sequenceNumber, bool multiple, bool acknowledged)
    {
        int freed;
        List<PendingPublish>? settled = null;
        PendingPublish? single = null;
        lock (gate)
        {
            if (sequenceNumber < head || sequenceNumber >= next)
            {
                return;
            }

            for (var at = multiple ? head : sequenceNumber; at <= sequenceNumber; at++)
            {
                if (Slot(at) is { } pending)
                {
                    Slot(at) = null;
                    (single, settled) = single is null ? (pending, settled) : (single, Append(settled, pending));
                }
            }

            freed = AdvanceHead();
        }

        if (freed > 0)
        {
            room.Release(freed);
        }

        single?.Settle(acknowledged);
        settled?.ForEach(pending => pending.Settle(acknowledged));
    }

    /// <summary>The broker returns a message; its confirm comes after.</summary>
    public void Return(string? messageId, string routingKey, string replyText)
    {
        lock (gate)
        {
            for (var at = head; at < next; at++)
            {
                if (Slot(at) is { RequireSubscriber: true, ReturnedBecause: null } pending && pending.Properties.MessageId == messageId && pending.RoutingKey.Value == routingKey)
                {
                    pending.ReturnedBecause = replyText;
                    return;
                }
            }
        }
    }

    /// <summary>Fails what was handed over before a point in time. The places stay taken until the broker answers.</summary>
    public void FailOlderThan(long handedOverAt, string why)
    {
        lock (gate)
        {
            for (var at = head; at < tail; at++)
            {
                if (Slot(at) is not { } pending)
                {
                    continue;
                }

                if (pending.HandedOverAt >= handedOverAt)
                {
                    return;
                }

                pending.Fail(PublishFailure.TimedOut, why);
            }
        }
    }

    /// <summary>Fails everything and takes nothing more; the writer must have ended.</summary>
    public void Close(string why, Exception? cause)
    {
        List<PendingPublish> unsettled = [];
        List<PendingPublish> unsent = [];
        TaskCompletionSource? wake;
        lock (gate)
        {
            closed = true;
            for (var at = head; at < tail; at++)
            {
                if (Slot(at) is { } pending)
                {
                    if (at < next)
                    {
                        unsettled.Add(pending);
                    }
                    else
                    {
                        unsent.Add(pending);
                        pending.ReleaseBody();
                    }
                }
            }

            head = next = tail;
            Array.Clear(ring);
            AnnounceIfEmpty();
            (wake, writerIdle) = (writerIdle, null);
        }

        wake?.SetResult();
        unsettled.ForEach(pending => pending.Fail(PublishFailure.Disconnected, why, cause));
        unsent.ForEach(pending => pending.FailUnsent(cause));
    }

    /// <summary>Waits until everything is confirmed or failed.</summary>
    public Task WhenEmptyAsync()
    {
        lock (gate)
        {
            return head == tail ? Task.CompletedTask : (emptied ??= NewSignal()).Task;
        }
    }

    public void Dispose() => room.Dispose();

    private ref PendingPublish? Slot(ulong sequenceNumber) => ref ring[sequenceNumber & (ulong)(ring.Length - 1)];

    private int AdvanceHead()
    {
        var before = head;
        while (head < next && Slot(head) is null)
        {
            head++;
        }

        AnnounceIfEmpty();
        return (int)(head - before);
    }

    private void AnnounceIfEmpty()
    {
        if (head == tail)
        {
            emptied?.TrySetResult();
            emptied = null;
        }
    }

    private static List<PendingPublish> Append(List<PendingPublish>? list, PendingPublish pending)
    {
        (list ??= []).Add(pending);
        return list;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
