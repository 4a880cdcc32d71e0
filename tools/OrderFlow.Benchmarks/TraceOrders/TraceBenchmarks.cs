using BenchmarkDotNet.Attributes;

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
    public async Task<int> CorrelationTrace()
    {
        var correlationId = _orders.CorrelationIds[Next()];
        var list = await _orders.Reader.OfCorrelationAsync(correlationId, CancellationToken.None);
        var flows = await _orders.Flows.OfCorrelationAsync(correlationId, CancellationToken.None);
        return Of(Monitor.Orders.CorrelationTrace.Of(correlationId, flows, list).Events.Count);
    }

    [Benchmark]
    public async Task<int> CausationChain()
    {
        var chain = await _orders.Reader.ChainAsync(_orders.LastEvents[Next()], CancellationToken.None);
        return Of(chain?.Events.Count ?? 0);
    }

    /// <summary>A benchmark of something that finds nothing would be a fast one.</summary>
    private static int Of(int events) => events == StoredOrders.EventsPerOrder
        ? events
        : throw new InvalidOperationException($"The flow has {events} events, not {StoredOrders.EventsPerOrder}: the store is not what was put into it.");

    /// <summary>Strides through the orders, so that days and pages change with every look.</summary>
    private int Next() => _next = (_next + 7919) % _orders.CorrelationIds.Count;
}
