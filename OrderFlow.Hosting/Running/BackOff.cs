namespace OrderFlow.Hosting.Running;

/// <summary>How long to wait before a crashed resource starts again: half a second, doubling to 15 s, from the start again after a minute of health.</summary>
internal sealed class BackOff(TimeProvider time)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Forgiven = TimeSpan.FromSeconds(60);
    private TimeSpan _next = Shortest;

    /// <summary>How often in a row it crashed.</summary>
    public int Crashes { get; private set; }

    /// <param name="healthySince">When the process that crashed became healthy, as a time stamp of the time provider; null if it never did.</param>
    public TimeSpan AfterCrash(long? healthySince)
    {
        if (healthySince is { } since && time.GetElapsedTime(since) >= Forgiven)
        {
            _next = Shortest;
            Crashes = 0;
        }

        Crashes++;
        var delay = _next;
        _next = _next * 2 < Longest ? _next * 2 : Longest;
        return delay;
    }
}
