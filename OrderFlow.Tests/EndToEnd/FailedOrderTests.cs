using System.Net.Http.Json;
using System.Text.Json;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.EndToEnd;

namespace OrderFlow.Tests.EndToEnd;

public sealed class FailedOrderTests
{
    private const string Service = "notification-service";

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_failed_order_can_be_replayed_until_it_ends()
    {
        await using var customers = await CustomersWebhook.StartAsync();
        customers.Refuse("unlucky", int.MaxValue);
        await using var host = await OrderFlowHost.StartAsync(customers.Environment, CancellationToken, "--Messaging:RetryTiers=200ms");

        var order = await Orders.PlaceAsync(
            host.Gateway, new { items = new[] { new { id = "item-1", quantity = 1 } }, userId = "unlucky" }, CancellationToken);
        await OrderBecomesAsync(host, order, "failed", ["retry-queued", "dead-lettered"]);
        var dashboard = await GetAsync(host, "/api/dashboard");
        (dashboard.GetProperty("flowsFailed").GetInt32(), dashboard.GetProperty("errorRate").GetDouble()).ShouldBe((1, 1.0));

        // The webhook is still broken.
        (await ReplayAsync(host)).GetProperty("replayed").GetInt32().ShouldBe(1);
        await OrderBecomesAsync(host, order, "failed", ["retry-queued", "dead-lettered", "replayed", "retry-queued", "dead-lettered"]);
        customers.Refuse("unlucky", 0);
        (await ReplayAsync(host)).GetProperty("replayed").GetInt32().ShouldBe(1);
        await OrderBecomesAsync(
            host, order, "ended", ["retry-queued", "dead-lettered", "replayed", "retry-queued", "dead-lettered", "replayed", "handled"]);

        customers.NotificationsOf("unlucky").ShouldBe([(order, "order.processed")]);
        var decisions = (await GetAsync(host, "/api/dead-letters/decisions")).GetProperty("decisions").EnumerateArray().Reverse().ToList();
        decisions.Select(one => (Count(one, "handled"), Count(one, "failedAgain"), Count(one, "underWay")))
            .ShouldBe([(0, 1, 0), (1, 0, 0)]);
        decisions.ShouldAllBe(one => Text(one, "action") == "replay" && Text(one, "selection") == "all" && Count(one, "count") == 1);
        decisions.ShouldAllBe(one => Text(one, "by") == "a test" && Text(one, "holder") == "bearer" && Text(one, "peer").Length > 0);
        var page = await host.Monitor.GetStringAsync(new Uri("/dead-letters", UriKind.Relative), CancellationToken);
        decisions.ShouldAllBe(one => page.Contains($"id=\"run-{one.GetProperty("run").GetString()}\"", StringComparison.Ordinal));
        (await host.Monitor.GetStringAsync(new Uri($"/orders/{order}", UriKind.Relative), CancellationToken))
            .ShouldContain("Retries and dead letters");
    }

    private static int Count(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static async Task OrderBecomesAsync(OrderFlowHost host, string order, string status, string[] steps)
    {
        var now = "";
        await Wait.UntilAsync(
            () => $"the order is '{now}' and should become '{status}: {string.Join(", ", steps)}'",
            async () =>
            {
                using var answer = await host.Monitor.GetAsync(new Uri($"/api/orders/{order}", UriKind.Relative), CancellationToken);
                if (!answer.IsSuccessStatusCode)
                {
                    return false;
                }

                var life = await answer.Content.ReadFromJsonAsync<JsonElement>(CancellationToken);
                var kinds = life.GetProperty("handling").EnumerateArray().Select(step => Text(step, "kind"));
                now = $"{Text(life.GetProperty("order"), "status")}: {string.Join(", ", kinds)}";
                return now == $"{status}: {string.Join(", ", steps)}";
            },
            TimeSpan.FromSeconds(60));
    }

    private static async Task<JsonElement> GetAsync(OrderFlowHost host, string path) =>
        await host.Monitor.GetFromJsonAsync<JsonElement>(new Uri(path, UriKind.Relative), CancellationToken);

    private static async Task<JsonElement> ReplayAsync(OrderFlowHost host)
    {
        using var answer = await host.Monitor.PostAsJsonAsync(
            $"/api/dead-letters/{Service}/replay", new { all = true, by = "a test" }, CancellationToken);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(CancellationToken);
    }
}
