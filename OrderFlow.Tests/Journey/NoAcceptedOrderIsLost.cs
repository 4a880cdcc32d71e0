using System.Net;
using OrderFlow.AppHost;

namespace OrderFlow.Tests.Journey;

public sealed class NoAcceptedOrderIsLost
{
    private const int PerSecond = 40;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task When_the_broker_and_each_service_is_killed_while_orders_flow()
    {
        await using var host = await OrderFlowHost.StartAsync(CancellationToken);
        var kills = KillOneAfterTheOtherAsync(host);

        var orders = await Orders.StreamAsync(host.Gateway, PerSecond, kills, CancellationToken);
        await kills;

        orders.Accepted.Count.ShouldBeGreaterThan(PerSecond);
        foreach (var order in orders.Accepted)
        {
            await host.Tap.WaitForAsync(order, ["notification.sent"]);
        }

        // While the broker was down the Gateway said so, and when to come back.
        var refused = orders.Refused.Where(answer => answer.Status is not null).ToList();
        refused.Select(answer => answer.Status).Distinct().ShouldBe([HttpStatusCode.ServiceUnavailable]);
        refused.ShouldAllBe(answer => answer.RetryAfter > TimeSpan.Zero);
    }

    private static async Task KillOneAfterTheOtherAsync(OrderFlowHost host)
    {
        foreach (var resource in new[] { ResourceNames.OrderService, ResourceNames.PaymentService, ResourceNames.NotificationService, ResourceNames.Postgres, ResourceNames.Messaging })
        {
            await host.KillAsync(resource, CancellationToken);
            // Orders flow again before the next one is killed.
            await Wait.UntilAsync(
                () => $"no order accepted after {resource} was killed",
                async () => await AcceptsAsync(host.Gateway),
                TimeSpan.FromSeconds(60));
        }
    }

    private static async Task<bool> AcceptsAsync(HttpClient gateway)
    {
        using var response = await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(gateway, "/orders", Orders.Valid, CancellationToken);
        return response.StatusCode == HttpStatusCode.Accepted;
    }
}
