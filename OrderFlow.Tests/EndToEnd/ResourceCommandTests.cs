using System.Net.Http.Json;
using System.Text.Json;
using OrderFlow.AppHost;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.EndToEnd;

namespace OrderFlow.Tests.EndToEnd;

/// <summary>The buttons of the Aspire dashboard, pressed on a running system.</summary>
public sealed class ResourceCommandTests
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commands_place_orders_fail_and_heal_notifications_replay_dead_letters_and_slow_payments()
    {
        await using var host = await OrderFlowHost.StartAsync(
            CancellationToken, "--Messaging:RetryTiers=200ms", "--Replicas:NotificationService=2");

        var first = await PlaceAsync(host);
        await host.Tap.WaitForAsync(first, ["notification.sent"]);

        // Every replica fails: each has a button of its own, and the command of the resource presses both.
        await PressAsync(host, ResourceNames.NotificationService, "fail-notifications");
        var failed = await PlaceAsync(host);
        await StatusIsAsync(host, failed, "failed");

        await PressAsync(host, ResourceNames.NotificationService, "heal-notifications");
        var healed = await PlaceAsync(host);
        await host.Tap.WaitForAsync(healed, ["notification.sent"]);
        host.Tap.CountOf(failed, "notification.sent").ShouldBe(0);

        await PressAsync(host, ResourceNames.NotificationService, "replay-dead-letters");
        await host.Tap.WaitForAsync(failed, ["notification.sent"]);
        await StatusIsAsync(host, failed, "ended");

        await PressAsync(host, ResourceNames.PaymentService, "slow-payments");
        (await MillisecondsOfAsync(host, await PlaceAsync(host))).ShouldBeGreaterThan(2000);

        await PressAsync(host, ResourceNames.PaymentService, "heal-payments");
        (await MillisecondsOfAsync(host, await PlaceAsync(host))).ShouldBeLessThan(2000);
    }

    private static async Task<string> PlaceAsync(OrderFlowHost host)
    {
        var answer = await PressAsync(host, ResourceNames.Gateway, "place-order");
        answer.ShouldStartWith("Accepted: /orders/");
        return answer["Accepted: /orders/".Length..];
    }

    private static async Task<string> PressAsync(OrderFlowHost host, string resource, string command)
    {
        var result = await host.Commands.ExecuteCommandAsync(host.Resource(resource), command, CancellationToken);
        result.Success.ShouldBeTrue($"{command} of {resource}: {result.Message}");
        return result.Message ?? "";
    }

    private static Task StatusIsAsync(OrderFlowHost host, string order, string status)
    {
        var now = "not known";
        return Wait.UntilAsync(
            () => $"order {order} is {now}, not {status}",
            async () => (now = (await LifeOfAsync(host, order))?.GetProperty("order").GetProperty("status").GetString() ?? now) == status,
            TimeSpan.FromSeconds(60));
    }

    /// <summary>From the request to the notification of the customer.</summary>
    private static async Task<double> MillisecondsOfAsync(OrderFlowHost host, string order)
    {
        await host.Tap.WaitForAsync(order, ["notification.sent"]);
        await StatusIsAsync(host, order, "ended");
        return (await LifeOfAsync(host, order))!.Value.GetProperty("ageMs").GetDouble();
    }

    private static async Task<JsonElement?> LifeOfAsync(OrderFlowHost host, string order)
    {
        using var answer = await host.Monitor.GetAsync(new Uri($"/api/orders/{order}", UriKind.Relative), CancellationToken);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonElement>(CancellationToken) : null;
    }
}
