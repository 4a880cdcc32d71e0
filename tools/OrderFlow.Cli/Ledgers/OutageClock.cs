namespace OrderFlow.Cli.Ledgers;

/// <summary>Measures the longest time in which orders were offered and none was accepted.</summary>
internal sealed class OutageClock(TimeProvider time)
{
    private readonly Lock _gate = new();
    private long? _last;
    private TimeSpan _longest;

    public TimeSpan Longest
    {
        get
        {
            lock (_gate)
            {
                return _longest;
            }
        }
    }

    public void Begin()
    {
        lock (_gate)
        {
            _last = time.GetTimestamp();
        }
    }

    public void Accepted() => Note(goesOn: true);

    public void End() => Note(goesOn: false);

    private void Note(bool goesOn)
    {
        lock (_gate)
        {
            if (_last is { } last)
            {
                var gap = time.GetElapsedTime(last);
                _longest = gap > _longest ? gap : _longest;
                _last = goesOn ? time.GetTimestamp() : null;
            }
        }
    }
}
