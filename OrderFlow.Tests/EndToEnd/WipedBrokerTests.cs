using OrderFlow.AppHost;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.EndToEnd;

namespace OrderFlow.Tests.EndToEnd;

/// <summary>
/// Users, permissions, exchanges and queues are made by whoever needs them: what a broker's data has besides is what was in its queues.
/// </summary>
public sealed class WipedBrokerTests
{
    private static readonly string[] NeedTheBroker =
        [
            ResourceNames.Gateway,
            ResourceNames.OrderService,
            ResourceNames.PaymentService,
            ResourceNames.NotificationService,
            ResourceNames.Monitor,
        ];

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_broker_that_lost_its_data_comes_back_with_its_users_and_orders_go_on()
    {
        await using var host = await OrderFlowHost.StartAsync(CancellationToken);
        var before = await Orders.PlaceAsync(host.Gateway, CancellationToken);
        await host.Tap.WaitForAsync(before, ["notification.sent"]);

        await PressAsync(host, KnownResourceCommands.StopCommand);
        Directory.Delete(Path.Combine(host.RunDirectory, ResourceNames.Messaging), recursive: true);
        Directory.CreateDirectory(Path.Combine(host.RunDirectory, ResourceNames.Messaging));
        await PressAsync(host, KnownResourceCommands.StartCommand);

        foreach (var resource in NeedTheBroker.Prepend(ResourceNames.Messaging))
        {
            await host.HealthyAsync(resource, CancellationToken);
        }

        // What Aspire says may be some seconds old; an order that ends before the Monitor listens again is not told to it.
        await Wait.UntilAsync("the Monitor listens again", async () =>
        {
            using var health = await host.Monitor.GetAsync(new Uri("/health", UriKind.Relative), CancellationToken);
            return health.IsSuccessStatusCode;
        }, TimeSpan.FromSeconds(60));

        string? after = null;
        await Wait.UntilAsync(
            "an order is accepted", async () => (after = await TryPlaceAsync(host)) is not null, TimeSpan.FromSeconds(60));
        await Wait.UntilAsync("the order is completed", async () =>
        {
            using var answer = await host.Gateway.GetAsync(new Uri($"/orders/{after}", UriKind.Relative), CancellationToken);
            return (await answer.Content.ReadAsStringAsync(CancellationToken)).Contains("\"completed\"", StringComparison.Ordinal);
        }, TimeSpan.FromSeconds(60));
        await Wait.UntilAsync("the Monitor has the order's end", async () =>
        {
            using var answer = await host.Monitor.GetAsync(new Uri($"/api/orders/{after}", UriKind.Relative), CancellationToken);
            return (await answer.Content.ReadAsStringAsync(CancellationToken)).Contains("notification.sent", StringComparison.Ordinal);
        }, TimeSpan.FromSeconds(60));
    }

    private static async Task<string?> TryPlaceAsync(OrderFlowHost host)
    {
        using var answer = await host.Gateway.PostAsync(
            new Uri("/orders", UriKind.Relative), System.Net.Http.Json.JsonContent.Create(Orders.Valid), CancellationToken);
        return answer.Headers.Location?.ToString()["/orders/".Length..];
    }

    private static async Task PressAsync(OrderFlowHost host, string command) =>
        (await host.Commands.ExecuteCommandAsync(host.Resource(ResourceNames.Messaging), command, CancellationToken)).Success
            .ShouldBeTrue(command);
}
