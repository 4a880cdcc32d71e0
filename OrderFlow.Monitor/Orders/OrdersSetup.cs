namespace OrderFlow.Monitor.Orders;

/// <summary>Orders and their events: search, life cycle, causation, retries and dead letters.</summary>
internal static class OrdersSetup
{
    public static void AddOrders(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<EventReader>();
        builder.Services.AddSingleton<FlowReader>();
        builder.Services.AddSingleton<HandlingReader>();
        builder.Services.AddSingleton<OrderSearch>();
    }

    public static void MapOrders(this WebApplication app)
    {
        app.MapOrderEndpoints();
        app.MapEventEndpoints();
        app.MapFlowEndpoints();
    }
}
