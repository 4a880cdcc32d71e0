namespace OrderFlow.Messaging.Connections;

/// <summary>
/// Waits that double from 100 ms, or another <paramref name="first"/>, to 5 s, each with jitter so that many services do not come back in
/// step.
/// </summary>
public sealed class Backoff(TimeProvider time, TimeSpan? first = null)
{
    private static readonly TimeSpan Last = TimeSpan.FromSeconds(5);
    private readonly TimeSpan _first = first ?? TimeSpan.FromMilliseconds(100);
    private TimeSpan _next = first ?? TimeSpan.FromMilliseconds(100);

    public void Reset() => _next = _first;

    /// <summary>The next wait.</summary>
    public TimeSpan Next()
    {
        var delay = Jitter(_next);
        _next = _next * 2 < Last ? _next * 2 : Last;
        return delay;
    }

    public Task WaitAsync(CancellationToken cancellationToken) => Task.Delay(Next(), time, cancellationToken);

    /// <summary>The delay, up to a fifth more or less.</summary>
    public static TimeSpan Jitter(TimeSpan delay) =>
#pragma warning disable CA5394 // Jitter needs no secret randomness.
        delay * (0.8 + (0.4 * Random.Shared.NextDouble()));
#pragma warning restore CA5394
}
