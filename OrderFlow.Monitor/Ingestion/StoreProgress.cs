namespace OrderFlow.Monitor.Ingestion;

/// <summary>How far the store is in the time of the events, not of the clock: behind a stop, that is not now.</summary>
internal sealed class StoreProgress
{
    private long _lastPublishedTicks;

    /// <summary>Publish time of the last event that was stored; <see langword="null"/> before the first.</summary>
    public DateTimeOffset? LastPublished => Volatile.Read(ref _lastPublishedTicks) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    public void StoredUpTo(DateTimeOffset published) => Volatile.Write(ref _lastPublishedTicks, published.UtcTicks);
}
