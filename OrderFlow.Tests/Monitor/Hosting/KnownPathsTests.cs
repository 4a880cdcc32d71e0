using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Tests.Monitor.Hosting;

public sealed class KnownPathsTests
{
    [Theory]
    [InlineData("GET", "/v1/traces", HttpStatusCode.MethodNotAllowed, "POST")]
    [InlineData("DELETE", "/api/orders/x", HttpStatusCode.MethodNotAllowed, "GET, PUT")]
    [InlineData("GET", "/api/orders/x", HttpStatusCode.OK, null)]
    [InlineData("POST", "/api/runs/no-guid/stop", HttpStatusCode.NotFound, null)]
    [InlineData("GET", "/api/runs/0af76519-16cd-43dd-8448-eb211c80319c/stop", HttpStatusCode.MethodNotAllowed, "POST")]
    [InlineData("PUT", "/api/orders/x", HttpStatusCode.UnsupportedMediaType, null)]
    [InlineData("GET", "/nowhere", HttpStatusCode.NotFound, null)]
    public async Task Wrong_method_or_body_type_on_a_known_path_is_not_answered_by_the_catch_all_endpoint(
        string method, string path, HttpStatusCode status, string? allow)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.UseMiddleware<KnownPaths>();
        app.MapPost("/v1/traces", () => Results.Ok());
        app.MapGet("/api/orders/{id}", (string id) => id);
        app.MapPut("/api/orders/{id}", (string id) => id).Accepts<string>("application/json");
        app.MapPost("/api/runs/{run:guid}/stop", (Guid run) => run.ToString());
        app.Map("/{**path}", () => Results.NotFound());
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var request = new HttpRequestMessage(new HttpMethod(method), path)
        {
            Content = method == "PUT" ? new StringContent("x", Encoding.UTF8, "text/plain") : null,
        };

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        answer.StatusCode.ShouldBe(status);
        (answer.Content.Headers.Allow.Count == 0 ? null : string.Join(", ", answer.Content.Headers.Allow)).ShouldBe(allow);
    }
}
