using OrderFlow.Benchmarks.Measuring.Latencies;
using OrderFlow.Benchmarks.Measuring.Samples;

namespace OrderFlow.Benchmarks.Running;

/// <summary>A running system that takes orders by HTTP.</summary>
internal interface IMeasuredSystem : IAsyncDisposable
{
    /// <summary>Where orders are posted, on the loopback address.</summary>
    int GatewayPort { get; }

    /// <summary>How many events of an order are handled, from first to last.</summary>
    int HandledEvents { get; }

    /// <summary>How many orders have come to their end since the system was started.</summary>
    Task<long> CountEndedAsync(CancellationToken cancellationToken);

    /// <summary>Begins a measurement: the latencies so far are forgotten.</summary>
    Task ForgetLatenciesAsync(CancellationToken cancellationToken);

    /// <summary>From a request's arrival at the Gateway to the order's end, of the orders since the measurement began.</summary>
    Task<LatencySummary> LatenciesAsync(CancellationToken cancellationToken);

    /// <summary>What the database server has done; <see langword="null"/> when there is none.</summary>
    Task<ServerCounters?> ReadServerAsync(CancellationToken cancellationToken);
}
