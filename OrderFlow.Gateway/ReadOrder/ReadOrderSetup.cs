using OrderFlow.Gateway.RefuseRequest;
using OrderFlow.ServiceDefaults.Discovery;

namespace OrderFlow.Gateway.ReadOrder;

/// <summary><c>GET /orders/{id}</c>: where an order stands, as OrderService tells it.</summary>
internal static class ReadOrderSetup
{
    private const int RetryAfterSeconds = 5;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly Refusal Unknown = new(
        StatusCodes.Status404NotFound,
        "unknown-order",
        "There is no such order. One that was accepted just now may take a moment to be stored: ask again in a second.");

    private static readonly Refusal Unavailable = new(
        StatusCodes.Status503ServiceUnavailable,
        "orders-unavailable",
        "Orders cannot be read at the moment. Those that were accepted are safe; ask again later.")
    {
        RetryAfterSeconds = RetryAfterSeconds,
    };

    public static void AddReadOrder(this WebApplicationBuilder builder) => builder.AddServiceClient<OrderServiceClient>("order-service", Patience);

    public static void MapReadOrder(this WebApplication app) => app.MapGet("/orders/{id}", ReadAsync).DescribeReadOrder();

    private static async Task ReadAsync(HttpContext http, string id, OrderServiceClient orders, ILogger<OrderServiceClient> logger)
    {
        try
        {
            if (!Guid.TryParse(id, out var orderId) || await orders.FindAsync(orderId, http.RequestAborted) is not { } order)
            {
                await Problem.WriteAsync(http, Unknown);
                return;
            }

            http.Response.ContentType = "application/json";
            http.Response.ContentLength = order.Length;
            // It changes while it is looked at.
            http.Response.Headers.CacheControl = "no-store";
            await http.Response.Body.WriteAsync(order);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException && !http.RequestAborted.IsCancellationRequested)
        {
            Log.OrderServiceSilent(logger, exception.Message);
            await Problem.WriteAsync(http, Unavailable);
        }
        catch (OperationCanceledException)
        {
            // The client went away; nobody reads an answer.
            http.Abort();
        }
    }
}
