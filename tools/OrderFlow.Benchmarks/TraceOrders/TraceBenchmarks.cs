using BenchmarkDotNet.Attributes;
using OrderFlow.Tests.Support.Benchmarks;

namespace OrderFlow.Benchmarks.TraceOrders;

/// <summary>
/// A flow's correlation trace and an event's causation chain among a million stored events of seven days, another one each time.
/// Both must be there within 50 ms at the median.
/// </summary>
[MemoryDiagnoser]
public class TraceBenchmarks
{
    private StoredOrders _orders = null!;
    private int _next;

    /// <summary>Stores the events for the first benchmark; the second finds them there.</summary>
    [GlobalSetup]
    public void SetUp() => _orders = StoredOrders.SharedAsync(Events).GetAwaiter().GetResult();

    /// <summary>Events in the store.</summary>
    [Params(1_000_000)]
    public int Events { get; set; }

    [Benchmark]
    public async Task<int> CorrelationTrace() => Expect(await _orders.CorrelationTraceAsync(_orders.CorrelationIds[Next()]));

    [Benchmark]
    public async Task<int> CausationChain() => Expect(await _orders.CausationChainAsync(_orders.LastEvents[Next()]));

    /// <summary>A benchmark of something that finds nothing would be a fast one.</summary>
    private static int Expect(int events) => events == StoredOrders.EventsPerOrder
        ? events
        : throw new InvalidOperationException(
            $"The flow has {events} events, not {StoredOrders.EventsPerOrder}: the store lacks some of them.");

    /// <summary>Strides through the orders, so that days and pages change with every look.</summary>
    private int Next() => _next = (_next + 7919) % _orders.CorrelationIds.Count;
}
