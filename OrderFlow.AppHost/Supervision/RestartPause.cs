namespace OrderFlow.AppHost.Supervision;

/// <summary>
/// How long to wait before a crashed process starts again: a second, doubled with every crash to 30 s at most, a second again after a
/// minute without one.
/// </summary>
internal sealed class RestartPause(TimeProvider time)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Forgiven = TimeSpan.FromMinutes(1);
    private TimeSpan _next = Shortest;
    private long? _runningSince;

    /// <summary>Crashes in a row.</summary>
    public int Crashes { get; private set; }

    public void Started() => _runningSince ??= time.GetTimestamp();

    public TimeSpan AfterCrash()
    {
        if (_runningSince is { } since && time.GetElapsedTime(since) >= Forgiven)
        {
            (_next, Crashes) = (Shortest, 0);
        }

        _runningSince = null;
        Crashes++;
        var pause = _next;
        _next = pause * 2 < Longest ? pause * 2 : Longest;
        return pause;
    }
}
