namespace OrderFlow.Cli.Faults.Outage;

/// <summary>What became of the plan; all times are time stamps.</summary>
/// <param name="Began">The warm-up was over.</param>
/// <param name="Killed">The Monitor was killed.</param>
/// <param name="Back">The process started that was left alone.</param>
/// <param name="CaughtUp">The store knew again what customers knew a second before; <see langword="null"/> when that did not come.</param>
/// <param name="Ended">The load ended.</param>
/// <param name="Kills">Processes of it that were killed, the first included.</param>
/// <param name="MostWaiting">Events that waited for it at most.</param>
/// <param name="Usage">What the services were like at the four times: begun, killed, back, ended.</param>
internal sealed record OutageTimes(
    long Began, long Killed, long Back, long? CaughtUp, long Ended, int Kills, long MostWaiting, IReadOnlyList<ResourceUsage> Usage);
