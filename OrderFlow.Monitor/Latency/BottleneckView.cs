namespace OrderFlow.Monitor.Latency;

/// <summary>What took the flows longest that ended within the last minutes.</summary>
/// <param name="CollectedAt">When it was collected.</param>
/// <param name="Minutes">The time it covers, ending now.</param>
/// <param name="Flows">Flows that ended within it and brought a ledger.</param>
/// <param name="Sampled">Flows that were sampled: all, or an even share of very many.</param>
/// <param name="Answer">The bottleneck in words.</param>
/// <param name="Stage">The stage that took most; absent when no flow ended.</param>
/// <param name="Services">The time of each service and of the broker, the most first.</param>
/// <param name="Slow">Slow against normal; absent when too few flows ended.</param>
public sealed record BottleneckView(
    DateTimeOffset CollectedAt, int Minutes, long Flows, int Sampled, string Answer, StageFigures? Stage,
    IReadOnlyList<ServiceTime> Services, SlowAgainstNormal? Slow);

/// <summary>The time that all stages of one service take.</summary>
/// <param name="Service">The service, or <c>broker</c>; absent for stages that are nobody's.</param>
/// <param name="MeanMicros">Per flow, in microseconds.</param>
/// <param name="Share">Of the time of all flows.</param>
public sealed record ServiceTime(string? Service, double MeanMicros, double Share);

/// <summary>In what the slowest flows differ from the median ones.</summary>
/// <param name="Answer">In words.</param>
/// <param name="SlowFlows">The slowest 5 %: how many they are.</param>
/// <param name="SlowMeanMicros">What they took on average, in microseconds.</param>
/// <param name="NormalFlows">The middle fifth: how many they are.</param>
/// <param name="NormalMeanMicros">What they took on average.</param>
/// <param name="Stages">By stage, what differs most first; the differences sum to that of the means.</param>
public sealed record SlowAgainstNormal(
    string Answer, int SlowFlows, double SlowMeanMicros, int NormalFlows, double NormalMeanMicros, IReadOnlyList<StageDifference> Stages);

/// <summary>A stage in slow and in normal flows.</summary>
/// <param name="Hop">The event that spent the time; absent for what belongs to no event.</param>
/// <param name="Stage">On what.</param>
/// <param name="Service">Whose time it is; absent when that is not known.</param>
/// <param name="SlowMeanMicros">Per slow flow, in microseconds.</param>
/// <param name="NormalMeanMicros">Per normal flow.</param>
/// <param name="MoreMicros">The difference; negative for what took the slow ones less.</param>
public sealed record StageDifference(
    string? Hop, string Stage, string? Service, double SlowMeanMicros, double NormalMeanMicros, double MoreMicros);
