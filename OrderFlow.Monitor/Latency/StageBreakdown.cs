namespace OrderFlow.Monitor.Latency;

/// <summary>Where the time of the flows went that ended within the last minutes.</summary>
/// <param name="CollectedAt">When it was collected.</param>
/// <param name="Minutes">The time it covers, ending now.</param>
/// <param name="StepSeconds">The time that one slot covers.</param>
/// <param name="Flows">Flows that ended within it and brought a ledger.</param>
/// <param name="Sampled">Flows that were sampled: all, or an even share of very many.</param>
/// <param name="MeanMicros">What they took on average, in microseconds; absent when none ended.</param>
/// <param name="P50Micros">Half of them took no longer.</param>
/// <param name="P99Micros">99 % of them.</param>
/// <param name="Stages">Every stage, the one that took most first; their means sum to the flows' mean, and their shares to 1.</param>
/// <param name="Slots">Means by kind of stage over time, the oldest first; the last slot is not over yet.</param>
public sealed record StageBreakdown(
    DateTimeOffset CollectedAt,
    int Minutes,
    double StepSeconds,
    long Flows,
    int Sampled,
    double? MeanMicros,
    long? P50Micros,
    long? P99Micros,
    IReadOnlyList<StageFigures> Stages,
    IReadOnlyList<StageSlot> Slots);

/// <summary>What a stage took in all the flows of a window; in a flow that did not enter it, 0.</summary>
/// <param name="Hop">The event that spent the time; absent for what belongs to no event.</param>
/// <param name="Stage">On what.</param>
/// <param name="Service">Whose time it is: a service's, or <c>broker</c>; absent when that is not known.</param>
/// <param name="HandledBy">The service that handles the event.</param>
/// <param name="Flows">In how many flows it was.</param>
/// <param name="MeanMicros">Per flow, in microseconds.</param>
/// <param name="P50Micros">In half of the flows it took no longer.</param>
/// <param name="P99Micros">In 99 % of them.</param>
/// <param name="Share">Of the time of all flows.</param>
public sealed record StageFigures(
    string? Hop, string Stage, string? Service, string? HandledBy, int Flows, double MeanMicros, long P50Micros, long P99Micros,
    double Share);

/// <summary>The flows that ended within a slot of time.</summary>
/// <param name="At">Where the slot begins.</param>
/// <param name="Flows">How many of the sampled ones.</param>
/// <param name="MeanMicros">What they took on average by kind of stage, in microseconds; absent when there are none.</param>
public sealed record StageSlot(DateTimeOffset At, int Flows, IReadOnlyDictionary<string, double>? MeanMicros);
