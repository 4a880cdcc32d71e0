using OrderFlow.Monitor.Hosting;
using OrderFlow.Monitor.Latency;

namespace OrderFlow.Monitor.Orders;

/// <summary>
/// <c>/api/orders?order=&amp;user=&amp;tenant=&amp;status=&amp;slowerThanMs=&amp;from=&amp;to=&amp;limit=&amp;after=</c>, the search;
/// <c>/api/orders/{id}</c>, the life cycle of an order; <c>/api/orders/{id}/events</c>, its events.
/// </summary>
internal static class OrderEndpoints
{
    public static void MapOrderEndpoints(this WebApplication app)
    {
        app.MapGet("/api/orders", SearchAsync);
        app.MapGet("/api/orders/{id}", ReadLifeCycleAsync);
        app.MapGet("/api/orders/{id}/events", ReadEventsAsync);
    }

    private static async Task<IResult> SearchAsync(HttpRequest request, OrderSearch orders, CancellationToken cancellationToken)
    {
        var (query, errors) = OrderQuery.Read(request.Query);
        return query is null ? ApiProblem.InvalidQuery(errors) : TypedResults.Ok(await orders.FindAsync(query, cancellationToken));
    }

    private static async Task<IResult> ReadLifeCycleAsync(
        string id,
        EventReader events,
        HandlingReader handling,
        FlowReader flows,
        LedgerReader ledgers,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (await flows.OfOrderAsync(id, cancellationToken) is not [var order, ..])
        {
            return ApiProblem.NotStored($"Order {id}");
        }

        var list = await events.OfOrderAsync(id, cancellationToken);
        var ledger = OrderLedger.Of(await ledgers.OfOrderAsync(order.CorrelationId, order.OrderId, cancellationToken), list.Events);
        return TypedResults.Ok(new OrderLifeCycle(
            order,
            order.TotalMs ?? (time.GetUtcNow() - order.StartedAt).TotalMilliseconds,
            TraceStep.Of(list.Events),
            await handling.OfOrderAsync(id, cancellationToken),
            list.Truncated,
            ledger?.Stages,
            ledger?.SumMicros,
            ledger?.EndToEndMicros));
    }

    private static async Task<IResult> ReadEventsAsync(string id, EventReader events, CancellationToken cancellationToken)
    {
        var list = await events.OfOrderAsync(id, cancellationToken);
        return list.Events.Count == 0 ? ApiProblem.NotStored($"Order {id}") : TypedResults.Ok(list);
    }
}
