namespace OrderFlow.NotificationService.Channels;

/// <summary>How much longer this replica must not call an endpoint. Measured by the monotonic clock, which nobody can set.</summary>
internal sealed class EndpointPause(TimeProvider time)
{
    private readonly Lock _gate = new();
    private long _since;
    private TimeSpan _length;

    /// <summary>Zero when it may be asked.</summary>
    public TimeSpan Left
    {
        get
        {
            lock (_gate)
            {
                var left = _length > TimeSpan.Zero ? _length - time.GetElapsedTime(_since) : TimeSpan.Zero;
                return left > TimeSpan.Zero ? left : _length = TimeSpan.Zero;
            }
        }
    }

    /// <summary>Begins a pause; one that would last longer goes on.</summary>
    public void Begin(TimeSpan length)
    {
        lock (_gate)
        {
            if (length > Left)
            {
                (_since, _length) = (time.GetTimestamp(), length);
            }
        }
    }
}
