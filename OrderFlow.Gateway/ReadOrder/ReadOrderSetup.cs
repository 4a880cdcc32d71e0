using Microsoft.Extensions.Http.Resilience;
using OrderFlow.Contracts;
using OrderFlow.Gateway.Problems;
using Polly;

namespace OrderFlow.Gateway.ReadOrder;

/// <summary><c>GET /orders/{id}</c>: the order's status, asked of OrderService.</summary>
internal static class ReadOrderSetup
{
    private const int RetryAfterSeconds = 5;

    /// <summary>For a whole request, what is tried again and the body of the answer included.</summary>
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

    /// <summary>
    /// Finds OrderService, or its replicas in turn, at the addresses <c>services:order-service:http:0</c>, <c>:1</c> … that the AppHost
    /// injects.
    /// </summary>
    public static void AddReadOrder(this WebApplicationBuilder builder)
    {
        builder.Services.AddServiceDiscovery();
        var client = builder.Services
            .AddHttpClient<OrderServiceClient>(http =>
                (http.BaseAddress, http.Timeout) = (new Uri($"http://{ServiceNames.OrderService}"), Patience))
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                ConnectTimeout = TimeSpan.FromSeconds(1),
                PooledConnectionLifetime = TimeSpan.FromMinutes(2),
                AllowAutoRedirect = false,
            });
        client.AddStandardResilienceHandler(Configure);
        // Within what tries again, so that the next attempt asks the next replica.
        client.AddServiceDiscovery();
    }

    private static void Configure(HttpStandardResilienceOptions options)
    {
        options.TotalRequestTimeout.Timeout = Patience;
        options.AttemptTimeout.Timeout = TimeSpan.FromSeconds(2);
        options.Retry.MaxRetryAttempts = 2;
        options.Retry.Delay = TimeSpan.FromMilliseconds(100);
        options.Retry.DisableForUnsafeHttpMethods();
        // OrderService is back within seconds; nobody should have to wait longer than it.
        options.CircuitBreaker.BreakDuration = TimeSpan.FromSeconds(1);
    }

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
        catch (Exception exception) when (exception is HttpRequestException or ExecutionRejectedException or OperationCanceledException
            && !http.RequestAborted.IsCancellationRequested)
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
