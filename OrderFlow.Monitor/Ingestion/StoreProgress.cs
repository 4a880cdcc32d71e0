namespace OrderFlow.Monitor.Ingestion;

/// <summary>How far the store has come, in publish time. While it catches up after a stop, that is behind the clock.</summary>
internal sealed class StoreProgress
{
    private long _lastPublishedTicks;

    /// <summary>Publish time of the last event that was stored; <see langword="null"/> before the first.</summary>
    public DateTimeOffset? LastPublished =>
        Volatile.Read(ref _lastPublishedTicks) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    public void Advance(DateTimeOffset published) => Volatile.Write(ref _lastPublishedTicks, published.UtcTicks);
}
