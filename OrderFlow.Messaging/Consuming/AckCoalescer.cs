namespace OrderFlow.Messaging.Consuming;

/// <summary>
/// Turns finished deliveries of one channel, in whatever order they finish, into few acknowledgements: one for all up to
/// the first unfinished, and single ones for those stuck behind it once they are many or have waited long.
/// </summary>
internal sealed class AckCoalescer(int prefetch, TimeProvider time)
{
    private static readonly TimeSpan LongWait = TimeSpan.FromMilliseconds(50);
    private readonly Lock _gate = new();
    private readonly int _many = Math.Max(1, prefetch / 4);

    // Deliveries that the broker counts as unacknowledged, oldest first. Bounded by the prefetch.
    private Entry[] _ring = new Entry[16];
    private int _head;
    private int _count;
    private int _finished;
    private long _stuckSince;

    /// <summary>Whether there is anything to acknowledge, now or later.</summary>
    public bool HasFinished => Volatile.Read(ref _finished) > 0;

    /// <summary>Whether no delivery is being handled, so that waiting for more to acknowledge at once is useless.</summary>
    public bool IsDry
    {
        get
        {
            lock (_gate)
            {
                return _finished == _count;
            }
        }
    }

    /// <summary>A delivery arrived. Tags rise, as the broker numbers them.</summary>
    public void Add(ulong tag)
    {
        lock (_gate)
        {
            if (_count == _ring.Length)
            {
                Grow();
            }

            At(_count++) = new Entry(tag, Finished: false);
        }
    }

    /// <summary>A delivery is done with and may be acknowledged.</summary>
    public void Finish(ulong tag)
    {
        lock (_gate)
        {
            var index = IndexOf(tag);
            if (!At(index).Finished)
            {
                At(index) = new Entry(tag, Finished: true);
                _finished++;
            }
        }
    }

    /// <summary>A delivery was settled otherwise; it is never acknowledged.</summary>
    public void Forget(ulong tag)
    {
        lock (_gate)
        {
            for (var index = IndexOf(tag); index + 1 < _count; index++)
            {
                At(index) = At(index + 1);
            }

            _count--;
        }
    }

    /// <summary>
    /// What to acknowledge now: everything up to <paramref name="upTo"/> (0 for nothing), and each of the <paramref name="singles"/>.
    /// </summary>
    /// <param name="upTo">The last delivery before the first unfinished.</param>
    /// <param name="singles">Is filled with those finished behind an unfinished one, if it is time for them.</param>
    /// <param name="everything">Whether it is time for all of them.</param>
    public void Take(out ulong upTo, List<ulong> singles, bool everything = false)
    {
        lock (_gate)
        {
            upTo = 0;
            while (_count > 0 && At(0).Finished)
            {
                upTo = At(0).Tag;
                _head = (_head + 1) & (_ring.Length - 1);
                _count--;
                _finished--;
            }

            if (_finished == 0)
            {
                _stuckSince = 0;
                return;
            }

            _stuckSince = _stuckSince == 0 ? time.GetTimestamp() : _stuckSince;
            if (everything || _finished >= _many || time.GetElapsedTime(_stuckSince) >= LongWait)
            {
                TakeStuck(singles);
            }
        }
    }

    private void TakeStuck(List<ulong> singles)
    {
        var kept = 0;
        for (var index = 0; index < _count; index++)
        {
            if (At(index).Finished)
            {
                singles.Add(At(index).Tag);
            }
            else
            {
                At(kept++) = At(index);
            }
        }

        (_count, _finished, _stuckSince) = (kept, 0, 0);
    }

    private int IndexOf(ulong tag)
    {
        var (low, high) = (0, _count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var found = At(middle).Tag;
            if (found == tag)
            {
                return middle;
            }

            (low, high) = found < tag ? (middle + 1, high) : (low, middle - 1);
        }

        throw new InvalidOperationException($"Delivery {tag} is not outstanding: it was settled before or never arrived on this channel.");
    }

    private ref Entry At(int index) => ref _ring[(_head + index) & (_ring.Length - 1)];

    private void Grow()
    {
        var larger = new Entry[_ring.Length * 2];
        for (var index = 0; index < _count; index++)
        {
            larger[index] = At(index);
        }

        (_ring, _head) = (larger, 0);
    }

    private readonly record struct Entry(ulong Tag, bool Finished);
}
