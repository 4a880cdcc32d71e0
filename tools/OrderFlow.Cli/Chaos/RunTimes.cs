using OrderFlow.Cli.Faults.Outage;

namespace OrderFlow.Cli.Chaos;

/// <summary>When a run began, and how long its parts took.</summary>
/// <param name="Start">Time stamp of its begin.</param>
/// <param name="Load">How long orders were offered.</param>
/// <param name="Drained">From then until the system had settled; <see langword="null"/> when it did not settle.</param>
/// <param name="Outage">The times of the Monitor's outage, if there was one.</param>
internal sealed record RunTimes(long Start, TimeSpan Load, TimeSpan? Drained, OutageTimes? Outage);
