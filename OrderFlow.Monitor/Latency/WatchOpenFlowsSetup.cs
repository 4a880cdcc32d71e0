using OrderFlow.Monitor.Orders;

namespace OrderFlow.Monitor.Latency;

/// <summary>Watches flows that have begun and not ended; <c>GET /api/flows/open</c> lists them, the oldest first.</summary>
internal static class WatchOpenFlowsSetup
{
    private const int DefaultLimit = 100;
    private const int LargestLimit = 1000;

    public static void AddWatchOpenFlows(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<FlowWatch>();
        builder.Services.AddHostedService<FlowWatchWorker>();
    }

    public static void MapWatchOpenFlows(this WebApplication app) =>
        app.MapGet("/api/flows/open", async (int? limit, FlowReader flows, TimeProvider time, CancellationToken cancellationToken) =>
        {
            if (limit is < 1 or > LargestLimit)
            {
                return Api.Refuse(new Dictionary<string, string[]>(StringComparer.Ordinal) { ["limit"] = [$"must be a number from 1 to {LargestLimit}"] });
            }

            var open = await flows.OldestOpenAsync(limit ?? DefaultLimit, cancellationToken);
            var now = time.GetUtcNow();
            return TypedResults.Ok(new OpenFlowList([.. open.Select(flow => new OpenFlow(flow, (now - flow.StartedAt).TotalMilliseconds))]));
        });
}

/// <summary>Open flows, the oldest first.</summary>
internal sealed record OpenFlowList(IReadOnlyList<OpenFlow> Flows);

/// <summary>A flow that has begun and not ended.</summary>
/// <param name="Flow">Where it stands.</param>
/// <param name="AgeMs">How long ago it began, in milliseconds.</param>
internal sealed record OpenFlow(OrderSummary Flow, double AgeMs);
