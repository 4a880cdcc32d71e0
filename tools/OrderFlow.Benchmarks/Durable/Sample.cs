using OrderFlow.Benchmarks.Measuring.Latencies;
using OrderFlow.Benchmarks.Measuring.Processes;

namespace OrderFlow.Benchmarks.Durable;

/// <summary>How far a system is at a moment, and what it has used.</summary>
/// <param name="At">When the orders were counted, a timestamp.</param>
/// <param name="Orders">Orders that have come to their end.</param>
/// <param name="Usage">Processor time.</param>
/// <param name="Server">What the database server has done.</param>
/// <param name="CountQueries">Transactions of it that were spent on counting orders.</param>
internal sealed record Sample(long At, long Orders, ProcessUsage Usage, ServerCounters Server, long CountQueries)
{
    /// <summary>Seconds between the two.</summary>
    public double SecondsSince(Sample before) => System.Diagnostics.Stopwatch.GetElapsedTime(before.At, At).TotalSeconds;

    public static long Now => LatencyRecorder.Now;
}
