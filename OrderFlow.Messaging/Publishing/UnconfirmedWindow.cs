using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Messaging.Publishing;

/// <summary>
/// The messages of one channel that the broker has not confirmed, in the order of their sequence numbers: first those that
/// are written, then those that wait to be. One writer takes them; many publishers add; the connection's reader settles.
/// </summary>
internal sealed class UnconfirmedWindow : IDisposable
{
    /// <summary>
    /// Messages under way beyond which events wait for a confirm, and go together then. It is far more than are under way while the broker
    /// keeps up, so nothing waits then; when it does not, what it costs is the message, not its size.
    /// </summary>
    public const int Crowd = 16;

    private readonly Lock _gate = new();
    private readonly (PendingPublish? Message, int Handed)[] _ring;
    private readonly Queue<PendingPublish> _waiting = new();
    private readonly SemaphoreSlim _room;
    private readonly int _mostPacked;
    private ulong _head = 1; // the oldest without a confirm
    private ulong _next = 1; // the number of the one the writer takes next; the broker counts from 1
    private int _open; // written, without a confirm
    private bool _closed;
    private TaskCompletionSource? _writerIdle;
    private TaskCompletionSource? _emptied;

    /// <param name="capacity">Messages that may be handed over and not confirmed.</param>
    /// <param name="mostPacked">Messages that go in one at most; with 1 none is packed.</param>
    public UnconfirmedWindow(int capacity, int mostPacked)
    {
        _ring = new (PendingPublish?, int)[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)capacity)];
        _room = new SemaphoreSlim(capacity, capacity);
        _mostPacked = mostPacked;
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

            pending.MayBePacked = pending.MayBePacked && _mostPacked > 1 && _open + _waiting.Count >= Crowd
                && PackedMessages.CanPack(pending.Properties);
            _waiting.Enqueue(pending);
            wake = TakeIdleWriter();
        }

        wake?.SetResult();
        return true;
    }

    /// <summary>The next message to write.</summary>
    public bool TryTakeNext([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PendingPublish? pending)
    {
        lock (_gate)
        {
            if (!HasNext)
            {
                pending = null;
                return false;
            }

            var first = _waiting.Dequeue();
            var others = OthersWith(first);
            pending = others is null ? first : PendingPublish.Together(others);
            Slot(_next++) = (pending, others?.Count ?? 1);
            _open++;
            return true;
        }
    }

    /// <summary>Waits until there is a message to write.</summary>
    public Task WaitForNextAsync()
    {
        lock (_gate)
        {
            return HasNext || _closed ? Task.CompletedTask : (_writerIdle ??= NewSignal()).Task;
        }
    }

    /// <summary>Takes back the message taken last, which the client refused to write: it used no sequence number.</summary>
    public void TakeBack()
    {
        int freed;
        lock (_gate)
        {
            freed = Slot(--_next).Handed;
            Slot(_next) = default;
            _open--;
            AnnounceIfEmpty();
        }

        _room.Release(freed);
    }

    /// <summary>The broker's confirm of one message, or of all up to it.</summary>
    public void Confirm(ulong sequenceNumber, bool multiple, bool acknowledged)
    {
        int freed;
        List<PendingPublish>? settled = null;
        PendingPublish? single = null;
        TaskCompletionSource? wake;
        lock (_gate)
        {
            if (sequenceNumber < _head || sequenceNumber >= _next)
            {
                return;
            }

            for (var at = multiple ? _head : sequenceNumber; at <= sequenceNumber; at++)
            {
                if (Slot(at).Message is { } pending)
                {
                    Slot(at).Message = null;
                    _open--;
                    (single, settled) = single is null ? (pending, settled) : (single, Append(settled, pending));
                }
            }

            freed = AdvanceHead();
            wake = TakeIdleWriter();
        }

        if (freed > 0)
        {
            _room.Release(freed);
        }

        wake?.SetResult();
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
                if (Slot(at).Message is { RequireSubscriber: true, ReturnedBecause: null } pending
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
            foreach (var pending in Unsettled().Concat(_waiting).TakeWhile(pending => pending.HandedOverAt < handedOverAt))
            {
                pending.Fail(PublishFailure.TimedOut, why);
            }
        }
    }

    /// <summary>Fails everything and takes nothing more; the writer must have ended.</summary>
    public void Close(string why, Exception? cause)
    {
        List<PendingPublish> unsettled;
        List<PendingPublish> unsent;
        TaskCompletionSource? wake;
        lock (_gate)
        {
            _closed = true;
            (unsettled, unsent) = ([.. Unsettled()], [.. _waiting]);
            _head = _next;
            _open = 0;
            _waiting.Clear();
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
            return IsEmpty ? Task.CompletedTask : (_emptied ??= NewSignal()).Task;
        }
    }

    public void Dispose() => _room.Dispose();

    /// <summary>Whether there is a message that need not wait for a confirm.</summary>
    private bool HasNext => _waiting.TryPeek(out var first) && (!first.MayBePacked || _open < Crowd);

    private bool IsEmpty => _head == _next && _waiting.Count == 0;

    private ref (PendingPublish? Message, int Handed) Slot(ulong sequenceNumber) =>
        ref _ring[sequenceNumber & (ulong)(_ring.Length - 1)];

    /// <summary>What is written and has no confirm, the oldest first.</summary>
    private IEnumerable<PendingPublish> Unsettled()
    {
        for (var at = _head; at < _next; at++)
        {
            if (Slot(at).Message is { } pending)
            {
                yield return pending;
            }
        }
    }

    /// <summary>A message that had to wait, and those behind it that go the same way, as far as they fit in one.</summary>
    /// <returns><see langword="null"/> when it goes alone.</returns>
    private List<PendingPublish>? OthersWith(PendingPublish first)
    {
        List<PendingPublish>? all = null;
        var bytes = first.Length;
        while (first.MayBePacked && !first.Task.IsCompleted && (all?.Count ?? 1) < _mostPacked
            && _waiting.TryPeek(out var next) && next.MayBePacked && !next.Task.IsCompleted && next.GoesWith(first)
            && (bytes += next.Length) <= Packs.LargestPack)
        {
            (all ??= [first]).Add(_waiting.Dequeue());
        }

        return all;
    }

    private TaskCompletionSource? TakeIdleWriter()
    {
        var writer = HasNext ? _writerIdle : null;
        _writerIdle = writer is null ? _writerIdle : null;
        return writer;
    }

    private int AdvanceHead()
    {
        var freed = 0;
        while (_head < _next && Slot(_head).Message is null)
        {
            freed += Slot(_head++).Handed;
        }

        AnnounceIfEmpty();
        return freed;
    }

    private void AnnounceIfEmpty()
    {
        if (IsEmpty)
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
