using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;

namespace OrderFlow.Benchmarks;

/// <summary>
/// Benchmarks run in this process: building another one for each would need the whole solution again. The column of the median is shown
/// always.
/// </summary>
internal sealed class InThisProcess : ManualConfig
{
    public InThisProcess()
    {
        Add(DefaultConfig.Instance);
        AddJob(Job.Default.WithToolchain(InProcessNoEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(15));
        AddColumn(BenchmarkDotNet.Columns.StatisticColumn.Median, BenchmarkDotNet.Columns.StatisticColumn.P95);
    }
}
