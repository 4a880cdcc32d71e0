using System.Runtime.InteropServices;

namespace OrderFlow.Messaging.ErrorHandling;

/// <summary>One stay of an event in a retry tier.</summary>
/// <param name="Tier">The tier's delay, which names its queue.</param>
/// <param name="Wait">How long the event stays there.</param>
/// <param name="Rest">How much longer it must wait then, in another stay, without its handler being called.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TierStay(TimeSpan Tier, TimeSpan Wait, TimeSpan Rest)
{
    private const double MostJitter = 0.1;

    /// <summary>
    /// The stay in the tier whose turn it is or, if that is shorter than what was asked for, in the first that is not; in the longest when
    /// none is, with a rest.
    /// </summary>
    /// <param name="tiers">The handler's tiers, at least one.</param>
    /// <param name="turn">The delay of the tier whose turn it is.</param>
    /// <param name="asked">The least wait.</param>
    public static TierStay Choose(IReadOnlyList<TimeSpan> tiers, TimeSpan turn, TimeSpan asked)
    {
        var least = turn > asked ? turn : asked;
        var tier = tiers.Where(delay => delay >= least).DefaultIfEmpty(tiers.Max()).Min();
        var jittered = Jittered(tier);
        var wait = jittered >= asked ? jittered : asked < tier ? asked : tier;
        return new TierStay(tier, wait, asked > wait ? asked - wait : TimeSpan.Zero);
    }

    // Only below: a message behind one that expires later would wait for it.
    private static TimeSpan Jittered(TimeSpan delay) =>
#pragma warning disable CA5394 // Jitter needs no secret randomness.
        delay * (1 - (MostJitter * Random.Shared.NextDouble()));
#pragma warning restore CA5394
}
