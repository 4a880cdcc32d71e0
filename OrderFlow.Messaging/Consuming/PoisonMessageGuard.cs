namespace OrderFlow.Messaging.Consuming;

/// <summary>
/// Whether messages are taken one at a time, because one of them may be unparsable. All that is delivered together with such a message
/// counts as delivered again when the connection dies of it, and would reach the broker's delivery limit, and the dead letters, with it.
/// </summary>
public sealed class PoisonMessageGuard(int prefetch)
{
    private int _suspects;

    /// <summary>How many messages the broker may have at this service now.</summary>
    public int Prefetch => Volatile.Read(ref _suspects) > 0 ? 1 : prefetch;

    /// <summary>The connection died of a message: it is one of those that may have been delivered.</summary>
    public void Begin() => Volatile.Write(ref _suspects, prefetch);

    /// <summary>A message could be parsed; <see langword="true"/> when it was the last one under suspicion.</summary>
    public bool Parsed() => Volatile.Read(ref _suspects) > 0 && Interlocked.Decrement(ref _suspects) == 0;
}
