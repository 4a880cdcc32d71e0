using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrderFlow.Benchmarks.Measuring.Latencies;
using OrderFlow.Benchmarks.Services.Durable;

namespace OrderFlow.Benchmarks.Services.Hosting;

/// <summary><c>POST /orders</c> on the loopback address, without anything around it; 202 when the order is published.</summary>
internal static class OrderEndpoint
{
    /// <summary>An application that listens on the loopback address and logs nothing.</summary>
    public static WebApplicationBuilder CreateBuilder(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        return builder;
    }

    /// <summary>Maps the endpoint.</summary>
    /// <param name="app">The Gateway.</param>
    /// <param name="publish">Publishes the order, which arrived at that time, and returns when the broker has confirmed it.</param>
    public static void MapOrders(this WebApplication app, Func<PlaceOrder, long, Task> publish) => app.MapPost("/orders", async http =>
    {
        var arrived = LatencyRecorder.Now;
        var order = await JsonSerializer.DeserializeAsync(http.Request.Body, DurableJson.Default.PlaceOrder, http.RequestAborted)
            ?? throw new BadHttpRequestException("There is no order in the body.");
        await publish(order, arrived);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
        http.Response.ContentLength = 0;
    });
}
