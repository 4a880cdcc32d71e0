using BenchmarkDotNet.Attributes;
using OrderFlow.Tests.Support.Benchmarks;

namespace OrderFlow.Benchmarks.HandleDeliveries;

/// <summary>
/// What tracing costs a delivery: from decoding to its acknowledgement, with a handler that does nothing and no broker. Not traced; traced
/// and not sampled, which is recorded in case it fails; sampled, put into OTLP and sent. The ratio is to the first, in the same run.
/// </summary>
[MemoryDiagnoser]
[MinIterationTime(200)]
public class DeliveryTracingBenchmarks : IDisposable
{
    /// <summary>
    /// Handled one after the other, then exported together: fewer than a batch of the exporter, so that none is dropped.
    /// </summary>
    private const int Deliveries = 256;

    private PreparedService _service = null!;

    [GlobalSetup(Target = nameof(NotTraced))]
    public void SetUpNotTraced() => _service = new PreparedService(traced: false, sampled: false);

    [GlobalSetup(Target = nameof(NotSampled))]
    public void SetUpNotSampled() => _service = new PreparedService(traced: true, sampled: false);

    [GlobalSetup(Target = nameof(Exported))]
    public void SetUpExported() => _service = new PreparedService(traced: true, sampled: true);

    [Benchmark(Baseline = true, OperationsPerInvoke = Deliveries)]
    public Task NotTraced() => HandleAsync();

    [Benchmark(OperationsPerInvoke = Deliveries)]
    public Task NotSampled() => HandleAsync();

    [Benchmark(OperationsPerInvoke = Deliveries)]
    public Task Exported() => HandleAsync();

    [GlobalCleanup]
    public void Dispose()
    {
        _service.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task HandleAsync()
    {
        for (var delivery = 0; delivery < Deliveries; delivery++)
        {
            await _service.HandleAsync();
        }

        _service.Export();
    }
}
