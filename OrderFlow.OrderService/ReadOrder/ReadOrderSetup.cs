using System.Data.Common;

namespace OrderFlow.OrderService.ReadOrder;

/// <summary><c>GET /orders/{id}</c>: where an order stands.</summary>
internal static class ReadOrderSetup
{
    public static void AddReadOrder(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<OrderReader>();
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, OrderServiceJson.Default);
            json.SerializerOptions.DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull;
        });
    }

    public static void MapReadOrder(this WebApplication app) => app.MapGet("/orders/{id}", ReadAsync);

    private static async Task<IResult> ReadAsync(
        string id, OrderReader orders, ILogger<OrderReader> logger, HttpResponse response, CancellationToken cancellationToken)
    {
        try
        {
            return Guid.TryParse(id, out var orderId) && await orders.FindAsync(orderId, cancellationToken) is { } order
                ? TypedResults.Ok(order)
                : TypedResults.Problem(
                    type: "urn:orderflow:problem:unknown-order",
                    statusCode: StatusCodes.Status404NotFound,
                    detail: "This order is not known here. One that was accepted just now may take a moment to arrive.");
        }
        catch (DbException exception)
        {
            Log.OrderNotRead(logger, exception);
            response.Headers.RetryAfter = "5";
            return TypedResults.Problem(
                type: "urn:orderflow:problem:orders-unavailable",
                statusCode: StatusCodes.Status503ServiceUnavailable,
                detail: "The orders cannot be read at the moment. They are safe; try again in a few seconds.");
        }
    }
}
