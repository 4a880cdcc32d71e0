using OrderFlow.Benchmarks.Measuring.Latencies;

namespace OrderFlow.Benchmarks.Durable;

/// <summary>A running implementation of the journey.</summary>
internal interface IDurableSystem : IAsyncDisposable
{
    /// <summary>Where orders are posted, on the loopback address.</summary>
    int GatewayPort { get; }

    /// <summary>The connection string of one of its databases, as a user who may see the server's statistics.</summary>
    string Database(string name);

    /// <summary>Begins a measurement: the latencies so far are forgotten.</summary>
    Task ForgetLatenciesAsync(CancellationToken cancellationToken);

    /// <summary>From a request's arrival at the Gateway to its notification, of the orders since the measurement began.</summary>
    Task<LatencySummary> LatenciesAsync(CancellationToken cancellationToken);
}
