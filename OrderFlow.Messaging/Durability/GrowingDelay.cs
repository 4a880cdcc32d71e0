namespace OrderFlow.Messaging.Durability;

/// <summary>Waits that double from <paramref name="first"/> to <paramref name="longest"/>, each up to a fifth more or less so that replicas do not come in step.</summary>
internal sealed class GrowingDelay(TimeSpan first, TimeSpan longest)
{
    private readonly TimeSpan shortest = first;
    private TimeSpan next = first;

    public void Reset() => next = shortest;

    public TimeSpan Next()
    {
        var delay = next;
        next = next * 2 < longest ? next * 2 : longest;
#pragma warning disable CA5394 // Jitter needs no secret randomness.
        return delay * (0.8 + (0.4 * Random.Shared.NextDouble()));
#pragma warning restore CA5394
    }
}
