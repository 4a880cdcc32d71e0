using System.Collections.Concurrent;

namespace OrderFlow.Messaging.Publishing;

/// <summary>
/// Since when the broker has refused every event of a wire type. RabbitMQ refuses on behalf of a full queue until the queue tells the
/// channel that it has room again; a queue whose limit is taken away while it is full never does, and the channel would be refused for
/// good.
/// </summary>
internal sealed class RefusedEvents(TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly ConcurrentDictionary<string, long> _refusedSince = new(StringComparer.Ordinal);
    private volatile bool _any;

    public void Taken(string wireType)
    {
        if (_any)
        {
            _refusedSince.TryRemove(wireType, out _);
        }
    }

    /// <returns>True when nothing of the type was taken for so long that another channel should be tried; once in that time.</returns>
    public bool Refused(string wireType)
    {
        _any = true;
        var now = time.GetTimestamp();
        var since = _refusedSince.GetOrAdd(wireType, now);
        return time.GetElapsedTime(since, now) >= Patience && _refusedSince.TryUpdate(wireType, now, since);
    }
}
