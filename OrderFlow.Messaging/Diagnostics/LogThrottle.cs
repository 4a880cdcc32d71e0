namespace OrderFlow.Messaging.Diagnostics;

/// <summary>Lets one of many repetitions through to the log: the first, then one per <paramref name="interval"/>.</summary>
public sealed class LogThrottle(TimeProvider time, TimeSpan interval)
{
    private readonly Lock _gate = new();
    private long? _last;

    public bool IsDue()
    {
        lock (_gate)
        {
            if (_last is { } at && time.GetElapsedTime(at) < interval)
            {
                return false;
            }

            _last = time.GetTimestamp();
            return true;
        }
    }

    public void Reset()
    {
        lock (_gate)
        {
            _last = null;
        }
    }
}
