namespace OrderFlow.Monitor.Orders;

/// <summary><c>GET /api/orders?order=&amp;user=&amp;tenant=&amp;status=&amp;slowerThanMs=&amp;from=&amp;to=&amp;limit=&amp;after=</c>.</summary>
internal static class SearchOrdersSetup
{
    public static void MapSearchOrders(this WebApplication app) => app.MapGet("/api/orders", async (HttpRequest request, OrderSearch orders, CancellationToken cancellationToken) =>
    {
        var (query, errors) = OrderQuery.Read(request.Query);
        return query is null ? Api.Refuse(errors) : TypedResults.Ok(await orders.FindAsync(query, cancellationToken));
    });
}
