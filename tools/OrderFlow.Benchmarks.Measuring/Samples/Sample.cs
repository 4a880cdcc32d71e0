using System.Diagnostics;
using OrderFlow.Benchmarks.Measuring.Processes;

namespace OrderFlow.Benchmarks.Measuring.Samples;

/// <summary>How far a system is at a moment, and what it has used.</summary>
/// <param name="At">When the orders were counted, a timestamp.</param>
/// <param name="Orders">Orders that have come to their end.</param>
/// <param name="Usage">Processor time.</param>
/// <param name="Server">What the database server has done, if there is one.</param>
public sealed record Sample(long At, long Orders, ProcessUsage Usage, ServerCounters? Server)
{
    public double SecondsSince(Sample before) => Stopwatch.GetElapsedTime(before.At, At).TotalSeconds;
}
