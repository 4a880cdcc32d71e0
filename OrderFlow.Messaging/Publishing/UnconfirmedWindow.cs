namespace OrderFlow.Messaging.Publishing;

/// <summary>
/// The messages of one channel that the broker has not confirmed, in the order of their sequence numbers: first those that
/// are written, then those that wait to be. One writer takes them; many publishers add; the connection's reader settles.
/// </summary>
internal sealed class UnconfirmedWindow : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PendingPublish?[] _ring;
    private readonly SemaphoreSlim _room;
    private ulong _head = 1; // the oldest without a confirm
    private ulong _next = 1; // the one the writer takes next; the broker counts from 1
    private ulong _tail = 1; // the one added next
    private bool _closed;
    private TaskCompletionSource? _writerIdle;
    private TaskCompletionSource? _emptied;

    public UnconfirmedWindow(int capacity)
    {
        _ring = new PendingPublish?[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)capacity)];
        _room = new SemaphoreSlim(capacity, capacity);
    }

    /// <summary>Takes a place in the window, waiting for one if need be.</summary>
    public Task<bool> WaitForRoomAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        _room.WaitAsync(timeout, cancellationToken);

    /// <summary>Takes a place in the window if one is free at once.</summary>
    public bool TryTakeRoom() => _room.Wait(0, CancellationToken.None);

    /// <summary>Adds a message in the place taken before; <see langword="false"/> when the channel is gone.</summary>
    public bool TryAdd(PendingPublish pending)
    {
        TaskCompletionSource? wake;
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            Slot(_tail++) = pending;
            (wake, _writerIdle) = (_writerIdle, null);
        }

        wake?.SetResult();
        return true;
    }

    /// <summary>The next message to write.</summary>
    public bool TryTakeNext([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PendingPublish? pending)
    {
        lock (_gate)
        {
            pending = _next == _tail ? null : Slot(_next++);
            return pending is not null;
        }
    }

    /// <summary>Waits until there is a message to write.</summary>
    public Task WaitForNextAsync()
    {
        lock (_gate)
        {
            return _next != _tail || _closed ? Task.CompletedTask : (_writerIdle ??= NewSignal()).Task;
        }
    }

    /// <summary>Takes back the message taken last, which the client refused to write: it used no sequence number.</summary>
    public void TakeBack()
    {
        lock (_gate)
        {
            _next--;
            for (var at = _next; at + 1 < _tail; at++)
            {
                Slot(at) = Slot(at + 1);
            }

            Slot(--_tail) = null;
            AnnounceIfEmpty();
        }

        _room.Release();
    }

    /// <summary>The broker's confirm of one message, or of all up to it.</summary>
    public void Confirm(ulong sequenceNumber, bool multiple, bool acknowledged)
    {
        int freed;
        List<PendingPublish>? settled = null;
        PendingPublish? single = null;
        lock (_gate)
        {
            if (sequenceNumber < _head || sequenceNumber >= _next)
            {
                return;
            }

            for (var at = multiple ? _head : sequenceNumber; at <= sequenceNumber; at++)
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
            _room.Release(freed);
        }

        single?.Settle(acknowledged);
        settled?.ForEach(pending => pending.Settle(acknowledged));
    }

    /// <summary>The broker returns a message; its confirm comes after.</summary>
    public void Return(string? messageId, string routingKey, string replyText)
    {
        lock (_gate)
        {
            for (var at = _head; at < _next; at++)
            {
                if (Slot(at) is { RequireSubscriber: true, ReturnedBecause: null } pending
                    && pending.Properties.MessageId == messageId
                    && pending.RoutingKey.Value == routingKey)
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
        lock (_gate)
        {
            for (var at = _head; at < _tail; at++)
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
        lock (_gate)
        {
            _closed = true;
            for (var at = _head; at < _tail; at++)
            {
                if (Slot(at) is { } pending)
                {
                    (at < _next ? unsettled : unsent).Add(pending);
                }
            }

            _head = _next = _tail;
            Array.Clear(_ring);
            AnnounceIfEmpty();
            (wake, _writerIdle) = (_writerIdle, null);
        }

        wake?.SetResult();
        unsettled.ForEach(pending => pending.Fail(PublishFailure.Disconnected, why, cause));
        unsent.ForEach(pending => pending.FailUnsent(cause));
    }

    /// <summary>Waits until everything is confirmed or failed.</summary>
    public Task WhenEmptyAsync()
    {
        lock (_gate)
        {
            return _head == _tail ? Task.CompletedTask : (_emptied ??= NewSignal()).Task;
        }
    }

    public void Dispose() => _room.Dispose();

    private ref PendingPublish? Slot(ulong sequenceNumber) => ref _ring[sequenceNumber & (ulong)(_ring.Length - 1)];

    private int AdvanceHead()
    {
        var before = _head;
        while (_head < _next && Slot(_head) is null)
        {
            _head++;
        }

        AnnounceIfEmpty();
        return (int)(_head - before);
    }

    private void AnnounceIfEmpty()
    {
        if (_head == _tail)
        {
            _emptied?.TrySetResult();
            _emptied = null;
        }
    }

    private static List<PendingPublish> Append(List<PendingPublish>? list, PendingPublish pending)
    {
        (list ??= []).Add(pending);
        return list;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
