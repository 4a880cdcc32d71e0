using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Npgsql;
using OrderFlow.AppHost;
using OrderFlow.PaymentService.Provider;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.EndToEnd;

namespace OrderFlow.Tests.EndToEnd;

public sealed class PaymentTimeoutTests
{
    private const int Placed = 12;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    /// <summary>Every payment is answered after the deadline, or never.</summary>
    [Fact]
    public async Task A_payment_timeout_rejects_the_order_returns_its_stock_and_refunds_a_late_charge()
    {
        await using var customers = await CustomersWebhook.StartAsync();
        await using var host = await OrderFlowHost.StartAsync(
            customers.Environment, CancellationToken, "--Orders:PaymentTimeout=2s", "--Simulation:PaymentLatency=6s",
            "--Simulation:SilentRate=0.5");
        var stock = await StockAsync(host);

        var orders = new List<string>();
        for (var number = 0; number < Placed; number++)
        {
            orders.Add(await Orders.PlaceAsync(host.Gateway, CancellationToken));
        }

        var silent = await SilentAsync(orders);
        foreach (var order in orders)
        {
            var expected = "awaiting_payment, rejected: payment_timeout" + (silent.Contains(order) ? "" : ", refund_requested, refunded");
            var history = "";
            await Wait.UntilAsync(
                () => $"order {order} to be '{expected}', and not '{history}'",
                async () => (history = await HistoryAsync(host, order)) == expected,
                Patience);
        }

        (await StockAsync(host)).ShouldBe(stock);
        await Wait.UntilAsync(
            () => $"{customers.NotificationsOf("user-123").Count} of {Placed} are notified",
            () => customers.NotificationsOf("user-123").Count == Placed,
            Patience);
        customers.NotificationsOf("user-123").ShouldBe(orders.Select(order => (order, "order.rejected")), ignoreOrder: true);
        foreach (var order in orders)
        {
            host.Tap.DifferentOf(order, "payment.processed").ShouldBe(silent.Contains(order) ? 0 : 1);
            host.Tap.DifferentOf(order, "payment.refunded").ShouldBe(silent.Contains(order) ? 0 : 1);
        }

        await host.Prometheus.WaitForAsync(
            "sum(orders_rejected_total{job=\"order-service\",reason=\"payment_timeout\"})", value => value == Placed, CancellationToken);
        await host.Prometheus.WaitForAsync("sum(payments_refunded_total)", value => value == Placed - silent.Count, CancellationToken);
        await MonitorShowsAsync(host, orders.First(order => !silent.Contains(order)));
    }

    /// <summary>
    /// The flow ended with the notification, most of its time was the payment deadline, and the refund did not open it again.
    /// </summary>
    private static async Task MonitorShowsAsync(OrderFlowHost host, string order)
    {
        var life = default(JsonElement);
        await Wait.UntilAsync(
            () => $"the refund of order {order} at the Monitor, which says: {life}",
            async () =>
            {
                life = await host.Monitor.GetFromJsonAsync<JsonElement>($"/api/orders/{order}", CancellationToken);
                return life.GetProperty("steps")
                    .EnumerateArray()
                    .Any(step => step.GetProperty("event").GetProperty("type").GetString() == "payment.refunded");
            },
            Patience);

        var shown = life.GetProperty("order");
        (shown.GetProperty("status").GetString(), shown.GetProperty("outcome").GetString()).ShouldBe(("ended", "rejected"));
        life.GetProperty("endToEndMicros").GetInt64().ShouldBeInRange(2_000_000, 6_000_000);
        var stages = life.GetProperty("stages").EnumerateArray().ToList();
        stages.MaxBy(stage => stage.GetProperty("micros").GetInt64()).GetProperty("stage").GetString().ShouldBe("scheduled");
    }

    /// <summary>The orders about whose payment the provider says nothing: it answers the same each time.</summary>
    private static async Task<HashSet<string>> SilentAsync(List<string> orders)
    {
        var options = Options.Create(new SimulatedProviderOptions { SilentRate = 0.5 });
        var provider = new SimulatedProvider(options, new SimulatedLatency(options), TimeProvider.System);
        var silent = new HashSet<string>(StringComparer.Ordinal);
        foreach (var order in orders)
        {
            if (await provider.ChargeAsync(new Charge(Guid.NewGuid(), Guid.Parse(order), "user-123", 1, "EUR"), CancellationToken) is null)
            {
                silent.Add(order);
            }
        }

        return silent;
    }

    /// <summary>As <c>GET /orders/{id}</c> prints it: the statuses, with their reasons.</summary>
    private static async Task<string> HistoryAsync(OrderFlowHost host, string order)
    {
        using var answer = await host.Gateway.GetAsync(new Uri($"/orders/{order}", UriKind.Relative), CancellationToken);
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            return "";
        }

        var history = (await answer.Content.ReadFromJsonAsync<JsonElement>(CancellationToken)).GetProperty("history").EnumerateArray();
        return string.Join(
            ", ",
            history.Select(
                step => step.GetProperty("status").GetString()
                    + (step.TryGetProperty("reason", out var reason) ? $": {reason.GetString()}" : "")));
    }

    private static async Task<long> StockAsync(OrderFlowHost host)
    {
        await using var database = NpgsqlDataSource.Create(await host.ConnectionStringAsync(ResourceNames.Orders, CancellationToken));
        await using var command = database.CreateCommand("SELECT stock FROM products WHERE id = 'item-1'");
        return (long)(await command.ExecuteScalarAsync(CancellationToken))!;
    }
}
