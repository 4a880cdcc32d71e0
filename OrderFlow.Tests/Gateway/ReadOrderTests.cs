using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrderFlow.Tests.Support.Gateway;

namespace OrderFlow.Tests.Gateway;

public sealed class ReadOrderTests
{
    private const string Id = "019aa4b2-0000-7000-8000-000000000001";

    [Fact]
    public async Task Order_is_passed_on_as_OrderService_wrote_it_and_replicas_are_asked_in_turn()
    {
        await using var one =
            await OrderServiceAsync(http => http.Response.WriteAsJsonAsync(new { orderId = http.Request.RouteValues["id"], by = "one" }));
        await using var two =
            await OrderServiceAsync(http => http.Response.WriteAsJsonAsync(new { orderId = http.Request.RouteValues["id"], by = "two" }));
        await using var gateway =
            await RunningGateway.StartAsync(
                null, ("services:order-service:http:0", one.Urls.Single()), ("services:order-service:http:1", two.Urls.Single()));

        var answers = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            var order = await gateway.Http.GetFromJsonAsync<JsonElement>($"/orders/{Id}", TestContext.Current.CancellationToken);
            order.GetProperty("orderId").GetString().ShouldBe(Id);
            answers.Add(order.GetProperty("by").GetString()!);
        }

        answers[..2].ShouldBe(["one", "two"], ignoreOrder: true);
        answers[2..].ShouldBe(answers[..2]);
    }

    [Fact]
    public async Task When_one_replica_is_down_the_next_one_is_asked()
    {
        await using var gone = await OrderServiceAsync(_ => Task.CompletedTask);
        await using var there =
            await OrderServiceAsync(http => http.Response.WriteAsJsonAsync(new { orderId = http.Request.RouteValues["id"] }));
        var away = gone.Urls.Single();
        await gone.StopAsync(TestContext.Current.CancellationToken);
        await using var gateway =
            await RunningGateway.StartAsync(
                null, ("services:order-service:http:0", away), ("services:order-service:http:1", there.Urls.Single()));

        for (var i = 0; i < 4; i++)
        {
            var order = await gateway.Http.GetFromJsonAsync<JsonElement>($"/orders/{Id}", TestContext.Current.CancellationToken);
            order.GetProperty("orderId").GetString().ShouldBe(Id);
        }
    }

    [Fact]
    public async Task When_OrderService_does_not_answer_the_Gateway_answers_503_within_seconds()
    {
        await using var service = await OrderServiceAsync(http => Task.Delay(Timeout.Infinite, http.RequestAborted));
        await using var gateway = await RunningGateway.StartAsync(null, ("services:order-service:http:0", service.Urls.Single()));
        var clock = Stopwatch.StartNew();

        using var answer = await gateway.Http.GetAsync($"/orders/{Id}", TestContext.Current.CancellationToken);

        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(8));
    }

    [Theory]
    [InlineData(Id)]
    [InlineData("no-uuid")]
    [InlineData("..%2fhealth")]
    public async Task Unknown_order_is_answered_with_404_and_a_hint(string id)
    {
        await using var service = await OrderServiceAsync(http =>
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        await using var gateway = await RunningGateway.StartAsync(null, ("services:order-service:http:0", service.Urls.Single()));

        using var answer = await gateway.Http.GetAsync($"/orders/{id}", TestContext.Current.CancellationToken);

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await RunningGateway.ReadProblemAsync(answer)).GetProperty("detail").GetString()!.ShouldContain("may take a moment");
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(null)]
    public async Task When_OrderService_fails_or_is_down_the_Gateway_answers_503_with_Retry_After(int? status)
    {
        await using var service = await OrderServiceAsync(http =>
        {
            http.Response.StatusCode = status ?? 200;
            return Task.CompletedTask;
        });
        var address = service.Urls.Single();
        if (status is null)
        {
            await service.StopAsync(TestContext.Current.CancellationToken);
        }

        await using var gateway = await RunningGateway.StartAsync(null, ("services:order-service:http:0", address));
        var clock = Stopwatch.StartNew();

        using var answer = await gateway.Http.GetAsync($"/orders/{Id}", TestContext.Current.CancellationToken);

        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(3));
        answer.Headers.RetryAfter!.Delta.ShouldNotBeNull();
        await RunningGateway.ReadProblemAsync(answer);
    }

    private static async Task<WebApplication> OrderServiceAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/orders/{id}", answer);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
