using OrderFlow.Messaging.LatencyLedger;

namespace OrderFlow.Messaging.Operations.WireTap;

/// <summary>
/// After a stop, a tap goes through what waits a few times as fast as it was published, and not as fast as it can: the machine has others
/// to serve. Where the receiver is slower than that, it is never made to rest.
/// </summary>
/// <param name="speed">How many times as fast.</param>
/// <param name="time">The clock.</param>
internal sealed class CatchUpPace(double speed, TimeProvider time)
{
    /// <summary>Events that are no older are not late.</summary>
    private static readonly TimeSpan OnTime = TimeSpan.FromSeconds(2);

    /// <summary>Quiet hours are not lived through again.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(1);

    private (long Published, long At)? _last;

    /// <summary>How long to rest before the next batch.</summary>
    /// <param name="batch">What the receiver has just taken.</param>
    public TimeSpan RestAfter(IReadOnlyList<TappedMessage> batch)
    {
        if (batch.LastOrDefault(message => message.Context is not null)?.Context is not { PublishedAtMicros: var published })
        {
            return TimeSpan.Zero;
        }

        var (now, rest) = (time.GetTimestamp(), TimeSpan.Zero);
        if (_last is { } before && time.GetUtcNow() - UnixMicroseconds.ToTime(published) > OnTime)
        {
            rest = (TimeSpan.FromMicroseconds(published - before.Published) / speed) - time.GetElapsedTime(before.At, now);
            rest = rest < TimeSpan.Zero ? TimeSpan.Zero : rest > LongestRest ? LongestRest : rest;
        }

        _last = (published, now + (long)(rest.TotalSeconds * time.TimestampFrequency));
        return rest;
    }
}
