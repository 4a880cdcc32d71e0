namespace OrderFlow.Monitor.Ingestion;

/// <summary>
/// The ids of the events that are stored, of the slots that were looked at last: all of a slot or nothing of it. It holds as long as nobody
/// else has stored a batch, which the number of the next batch says.
/// </summary>
internal sealed class RecentIds
{
    /// <summary>Ids that are held: those of the last minutes, in about 40 MB when it is full.</summary>
    private const int Most = 500_000;

    private readonly Dictionary<long, HashSet<Guid>> _slots = [];
    private readonly Queue<long> _order = [];
    private long? _batch;
    private int _count;

    /// <summary>Begins a batch; when another process has stored one since the last, nothing is known any more.</summary>
    public void Begin(long batch)
    {
        if (_batch != batch - 1)
        {
            Forget();
        }

        // Not the last that was stored before this one is.
        _batch = null;
    }

    /// <summary>The batch is committed, and what was added is stored.</summary>
    public void End(long batch) => _batch = batch;

    public bool Knows(long slot) => _slots.ContainsKey(slot);

    /// <summary>Takes what is stored of a slot.</summary>
    public void Load(long slot)
    {
        _slots.Add(slot, []);
        _order.Enqueue(slot);
    }

    /// <summary>False when the event is stored already.</summary>
    public bool TryAdd(long slot, Guid id)
    {
        if (!_slots[slot].Add(id))
        {
            return false;
        }

        _count++;
        return true;
    }

    /// <summary>Makes room; slots that are used by a batch are loaded before, and looked at after this.</summary>
    public void Shrink()
    {
        while (_count > Most && _order.TryDequeue(out var oldest))
        {
            _count -= _slots[oldest].Count;
            _slots.Remove(oldest);
        }
    }

    public void Forget()
    {
        _slots.Clear();
        _order.Clear();
        (_count, _batch) = (0, null);
    }
}
