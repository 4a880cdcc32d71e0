namespace OrderFlow.Monitor.Latency;

/// <summary>
/// The time by which flows are late. A wall clock that is set forwards would make all that are open late at once, and what is counted
/// cannot be taken back: so the time goes on as before until an event, whose producer has a clock of its own, says that it is right, or
/// none has come for a while to say that it is wrong. Set backwards, it is believed: that makes nothing late.
/// </summary>
internal sealed class WatchClock(TimeProvider time)
{
    /// <summary>What is no setting but the ordinary slewing of a clock, or a check that came late.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    /// <summary>How old the last event may be that confirms the clock.</summary>
    private static readonly TimeSpan Agreement = TimeSpan.FromMinutes(1);

    private (DateTimeOffset Time, long At)? _last;
    private (long At, DateTimeOffset? Published)? _ahead;

    /// <summary>What time it is.</summary>
    /// <param name="lastPublished">When the last event that was stored was published.</param>
    /// <param name="patience">How long to wait for an event.</param>
    public DateTimeOffset Now(DateTimeOffset? lastPublished, TimeSpan patience)
    {
        var (wall, at) = (time.GetUtcNow(), time.GetTimestamp());
        var steady = _last is { } last ? last.Time + time.GetElapsedTime(last.At, at) : wall;
        if (wall <= steady + Tolerance || (lastPublished - wall)?.Duration() <= Agreement)
        {
            _ahead = null;
            steady = wall;
        }
        else if (_ahead is not { } ahead || ahead.Published != lastPublished)
        {
            _ahead = (at, lastPublished);
        }
        else if (time.GetElapsedTime(ahead.At, at) >= patience)
        {
            _ahead = null;
            steady = wall;
        }

        _last = (steady, at);
        return steady;
    }
}
