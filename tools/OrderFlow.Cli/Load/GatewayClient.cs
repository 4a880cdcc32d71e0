using System.Diagnostics;

namespace OrderFlow.Cli.Load;

/// <summary>The HTTP client of the run: pooled connections, and nothing that a load generator does not need.</summary>
internal static class GatewayClient
{
    /// <summary>Longer than the Gateway waits for a confirm: an order whose answer is given up has an unknown answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <param name="connections">Most connections to the Gateway.</param>
    /// <param name="patience">How long an answer is waited for. Default: 60 s.</param>
    public static HttpClient Create(int connections, TimeSpan? patience = null)
    {
        var handler = new SocketsHttpHandler
        {
            MaxConnectionsPerServer = connections,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
            ConnectTimeout = TimeSpan.FromSeconds(10),
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
        };
        return new HttpClient(handler, disposeHandler: true) { Timeout = patience ?? Patience };
    }
}
