namespace OrderFlow.Messaging.Receiving;

/// <summary>
/// Turns finished deliveries of one channel, in whatever order they finish, into few acknowledgements: one for all up to
/// the first unfinished, and single ones for those stuck behind it once they are many or have waited long.
/// </summary>
internal sealed class AckCoalescer(int prefetch, TimeProvider time)
{
    private static readonly TimeSpan LongWait = TimeSpan.FromMilliseconds(50);
    private readonly Lock gate = new();
    private readonly int many = Math.Max(1, prefetch / 4);

    // Deliveries that the broker counts as unacknowledged, oldest first. Bounded by the prefetch.
    private Entry[] ring = new Entry[16];
    private int head;
    private int count;
    private int finished;
    private long stuckSince;

    /// <summary>Whether there is anything to acknowledge, now or later.</summary>
    public bool HasFinished => Volatile.Read(ref finished) > 0;

    /// <summary>Whether no delivery is being handled, so that waiting for more to acknowledge at once is useless.</summary>
    public bool IsDry
    {
        get
        {
            lock (gate)
            {
                return finished == count;
            }
        }
    }

    /// <summary>A delivery arrived. Tags rise, as the broker numbers them.</summary>
    public void Add(ulong tag)
    {
        lock (gate)
        {
            if (count == ring.Length)
            {
                Grow();
            }

            At(count++) = new Entry(tag, Finished: false);
        }
    }

    /// <summary>A delivery is done with and may be acknowledged.</summary>
    public void Finish(ulong tag)
    {
        lock (gate)
        {
            var index = IndexOf(tag);
            if (!At(index).Finished)
            {
                At(index) = new Entry(tag, Finished: true);
                finished++;
            }
        }
    }

    /// <summary>A delivery was settled otherwise; it is never acknowledged.</summary>
    public void Forget(ulong tag)
    {
        lock (gate)
        {
            for (var index = IndexOf(tag); index + 1 < count; index++)
            {
                At(index) = At(index + 1);
            }

            count--;
        }
    }

    /// <summary>What to acknowledge now: everything up to <paramref name="upTo"/> (0 for nothing), and each of the <paramref name="singles"/>.</summary>
    /// <param name="upTo">The last delivery before the first unfinished.</param>
    /// <param name="singles">Is filled with those finished behind an unfinished one, if it is time for them.</param>
    /// <param name="everything">Whether it is time for all of them.</param>
    public void Take(out ulong upTo, List<ulong> singles, bool everything = false)
    {
        lock (gate)
        {
            upTo = 0;
            while (count > 0 && At(0).Finished)
            {
                upTo = At(0).Tag;
                head = (head + 1) & (ring.Length - 1);
                count--;
                finished--;
            }

            if (finished == 0)
            {
                stuckSince = 0;
                return;
            }

            stuckSince = stuckSince == 0 ? time.GetTimestamp() : stuckSince;
            if (everything || finished >= many || time.GetElapsedTime(stuckSince) >= LongWait)
            {
                TakeStuck(singles);
            }
        }
    }

    private void TakeStuck(List<ulong> singles)
    {
        var kept = 0;
        for (var index = 0; index < count; index++)
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

        (count, finished, stuckSince) = (kept, 0, 0);
    }

    private int IndexOf(ulong tag)
    {
        var (low, high) = (0, count - 1);
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

    private ref Entry At(int index) => ref ring[(head + index) & (ring.Length - 1)];

    private void Grow()
    {
        var larger = new Entry[ring.Length * 2];
        for (var index = 0; index < count; index++)
        {
            larger[index] = At(index);
        }

        (ring, head) = (larger, 0);
    }

    private readonly record struct Entry(ulong Tag, bool Finished);
}
