using OrderFlow.Cli.Faults.Monitor;

namespace OrderFlow.Cli.Chaos;

/// <summary>How a run went.</summary>
/// <param name="Start">Time stamp of its begin.</param>
/// <param name="Load">How long orders were offered.</param>
/// <param name="Drained">From then until the system was at rest; <see langword="null"/> when it did not come to rest.</param>
/// <param name="Outage">What became of the plan to kill the Monitor, if there was one.</param>
internal sealed record Course(long Start, TimeSpan Load, TimeSpan? Drained, OutageTimes? Outage);
