namespace OrderFlow.Monitor.Latency;

/// <summary>How long flows took, over time.</summary>
/// <param name="CollectedAt">When it was collected.</param>
/// <param name="Window">The time it covers, ending now, as one of <see cref="LatencyWindow.All"/>.</param>
/// <param name="StepSeconds">The time that one slot covers.</param>
/// <param name="BoundsMs">Bounds between the buckets, in milliseconds: the first bucket is below the first bound, the last one from the
/// last bound on.</param>
/// <param name="Slots">The slots, the oldest first; the last one is not over yet.</param>
public sealed record LatencyChart(
    DateTimeOffset CollectedAt, string Window, double StepSeconds, IReadOnlyList<double> BoundsMs, IReadOnlyList<LatencySlot> Slots);

/// <summary>
/// The flows that ended within a slot of time; those that an operator's replay was part of are counted beside the others.
/// </summary>
/// <param name="At">Where the slot begins.</param>
/// <param name="Ended">How many ended.</param>
/// <param name="Failed">How many were first given up.</param>
/// <param name="P50Ms">Half of those that ended took no longer, in milliseconds; absent when none ended.</param>
/// <param name="P95Ms">95 % of them.</param>
/// <param name="P99Ms">99 % of them.</param>
/// <param name="Buckets">How many ended in each bucket; absent when none ended.</param>
/// <param name="Replayed">How many ended after a replay.</param>
public sealed record LatencySlot(
    DateTimeOffset At, long Ended, long Failed, double? P50Ms, double? P95Ms, double? P99Ms, long[]? Buckets, long Replayed);
