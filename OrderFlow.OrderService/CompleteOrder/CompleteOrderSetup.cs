namespace OrderFlow.OrderService.CompleteOrder;

internal static class CompleteOrderSetup
{
    public static void AddCompleteOrder(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<OrderServiceInstruments>();
}
