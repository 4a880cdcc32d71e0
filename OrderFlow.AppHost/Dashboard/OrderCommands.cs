using System.Net;
using System.Net.Http.Json;

namespace OrderFlow.AppHost.Dashboard;

/// <summary>The order API in the dashboard.</summary>
internal static class OrderCommands
{
    private const string ApiPage = "/scalar/v1";

    /// <summary>The page of the API, and a button that places an order.</summary>
    public static IResourceBuilder<ProjectResource> WithOrderApi(this IResourceBuilder<ProjectResource> gateway) => gateway
        .WithUrlForEndpoint("http", url => url.DisplayText = "Order API")
        .WithUrlForEndpoint("http", endpoint => new() { Url = ApiPage, DisplayText = "Order API: try it", Endpoint = endpoint })
        .WithHttpCommand("/orders", "Place an order", commandName: "place-order", commandOptions: new HttpCommandOptions
        {
            Method = HttpMethod.Post,
            Description = "Place an order: sends POST /orders for two of item-1, as a customer would.",
            IconName = "Cart",
            IsHighlighted = true,
            PrepareRequest = request =>
            {
                request.Request.Content =
                    JsonContent.Create(new { items = new[] { new { id = "item-1", quantity = 2 } }, userId = "user-123" });
                return Task.CompletedTask;
            },
            GetCommandResult = async result => result.Response.StatusCode == HttpStatusCode.Accepted
                ? CommandResults.Success($"Accepted: {result.Response.Headers.Location}")
                : CommandResults.Failure(
                    $"{(int)result.Response.StatusCode}: {await result.Response.Content.ReadAsStringAsync(result.CancellationToken)}"),
        });
}
