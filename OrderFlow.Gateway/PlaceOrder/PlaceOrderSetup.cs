using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrderFlow.Gateway.ClaimKey;

namespace OrderFlow.Gateway.PlaceOrder;

internal static class PlaceOrderSetup
{
    public static void AddPlaceOrder(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<PlaceOrderOptions>().BindConfiguration(PlaceOrderOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<PlaceOrderOptions>, PlaceOrderOptionsValidator>();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<InFlightOrders>();
        builder.Services.AddSingleton<OrderQueue>();
        builder.Services.AddSingleton<OrderRefusals>();
        builder.Services.AddSingleton<OrderReader>();
        builder.AddClaimKey();
        builder.Services.AddSingleton<PlaceOrderEndpoint>();
    }

    /// <summary>Turns orders away that would wait for OrderService for too long; asks the broker that is registered.</summary>
    public static void WatchOrderQueue(this WebApplicationBuilder builder) => builder.Services.AddHostedService<OrderQueueWatch>();

    public static void MapPlaceOrder(this WebApplication app)
    {
        // As a Delegate, because only those are described.
        Delegate place = app.Services.GetRequiredService<PlaceOrderEndpoint>().HandleAsync;
        app.MapPost("/orders", place).DescribePlaceOrder(app.Services.GetRequiredService<IOptions<PlaceOrderOptions>>().Value);
    }
}
