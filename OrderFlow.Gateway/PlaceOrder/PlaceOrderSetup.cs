using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrderFlow.Gateway.ClaimKey;
using OrderFlow.Gateway.ShedLoad;

namespace OrderFlow.Gateway.PlaceOrder;

internal static class PlaceOrderSetup
{
    public static void AddPlaceOrder(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<PlaceOrderOptions>().BindConfiguration(PlaceOrderOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<PlaceOrderOptions>, PlaceOrderOptionsValidator>();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<InFlightOrders>();
        builder.AddAdmission();
        builder.Services.AddSingleton<OrderRefusals>();
        builder.Services.AddSingleton<OrderReader>();
        builder.AddClaimKey();
        builder.Services.AddSingleton<PlaceOrderEndpoint>();
    }

    public static void MapPlaceOrder(this WebApplication app)
    {
        // As a Delegate, because only those are described.
        Delegate place = app.Services.GetRequiredService<PlaceOrderEndpoint>().HandleAsync;
        app.MapPost("/orders", place).DescribePlaceOrder(app.Services.GetRequiredService<IOptions<PlaceOrderOptions>>().Value);
    }
}
