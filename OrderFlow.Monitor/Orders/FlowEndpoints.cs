using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Orders;

/// <summary>
/// <c>/api/flows/open</c>: open flows, the oldest first; <c>/api/flows/{correlationId}</c>: every event of a flow. A client chooses the
/// correlation id, so it may hold what a path cannot: <c>/api/flows?correlationId=…</c> takes any.
/// </summary>
internal static class FlowEndpoints
{
    private const int DefaultLimit = 100;
    private const int LargestLimit = 1000;

    public static void MapFlowEndpoints(this WebApplication app)
    {
        app.MapGet("/api/flows/open", ReadOpenAsync);
        app.MapGet("/api/flows/{correlationId}", ReadFlowAsync);
        app.MapGet("/api/flows", (string? correlationId, EventReader events, FlowReader flows, CancellationToken cancellationToken) =>
            ReadFlowAsync(correlationId ?? "", events, flows, cancellationToken));
    }

    private static async Task<IResult> ReadOpenAsync(int? limit, FlowReader flows, TimeProvider time, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > LargestLimit)
        {
            return ApiProblem.InvalidQuery("limit", $"must be a number from 1 to {LargestLimit}");
        }

        var open = await flows.OldestOpenAsync(limit ?? DefaultLimit, cancellationToken);
        var now = time.GetUtcNow();
        return TypedResults.Ok(new OpenFlowList([.. open.Select(flow => new OpenFlow(flow, (now - flow.StartedAt).TotalMilliseconds))]));
    }

    private static async Task<IResult> ReadFlowAsync(
        string correlationId, EventReader events, FlowReader flows, CancellationToken cancellationToken)
    {
        var list = correlationId.Contains('\0', StringComparison.Ordinal)
            ? new EventList([], Truncated: false)
            : await events.OfCorrelationAsync(correlationId, cancellationToken);
        return list.Events.Count == 0
            ? ApiProblem.NotStored($"Flow {correlationId}")
            : TypedResults.Ok(CorrelationTrace.Of(correlationId, await flows.OfCorrelationAsync(correlationId, cancellationToken), list));
    }
}
