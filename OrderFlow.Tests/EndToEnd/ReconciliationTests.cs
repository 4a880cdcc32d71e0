using System.Net.Http.Json;
using System.Text.Json;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.EndToEnd;
using RabbitMQ.Client;

namespace OrderFlow.Tests.EndToEnd;

public sealed class ReconciliationTests
{
    private const string Queue = "notification-service.retry.10m";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_drift_of_a_settled_system_is_zero_until_a_message_is_stolen()
    {
        await using var customers = await CustomersWebhook.StartAsync();
        customers.Refuse("unlucky", int.MaxValue);
        await using var host = await OrderFlowHost.StartAsync(customers.Environment, CancellationToken, "--Messaging:RetryTiers=10m");
        for (var i = 0; i < 10; i++)
        {
            await PlaceAsync(host, "lucky");
        }

        await Wait.UntilAsync(
            () => $"{customers.NotificationsOf("lucky").Count} of 10 are notified", () => customers.NotificationsOf(
                "lucky").Count == 10, Patience);
        var rows = await SettledAsync(host, published: 10);
        rows.Select(row => row.Type).ShouldBe(
            [
                "order.created",
                "order.payment-overdue",
                "order.processed",
                "order.rejected",
                "payment.processed",
                "payment.refund-requested",
                "payment.refunded",
                "payment.requested",
            ]);
        rows.ShouldAllBe(row => row.Drift == 0 && row.Published == row.Handled);

        await PlaceAsync(host, "unlucky");
        var connections = new ConnectionFactory { Uri = host.Broker };
        await using var connection = await connections.CreateConnectionAsync(CancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: CancellationToken);
        BasicGetResult? stolen = null;
        await Wait.UntilAsync(
            "no event waits for its retry",
            async () => (stolen = await channel.BasicGetAsync(Queue, autoAck: true, CancellationToken)) is not null,
            Patience);
        stolen!.BasicProperties.Type.ShouldBe("order.processed");

        rows = await SettledAsync(host, published: 11);
        rows.Where(row => row.Drift != 0)
            .ShouldHaveSingleItem()
            .ShouldBe(new Row("order.processed", "notification-service", 11, 10, 1));
        await host.Prometheus.WaitForAsync(
            "sum(event_flow_drift{event_type=\"order.processed\",consumer=\"notification-service\"})",
            value => value == 1,
            CancellationToken);
        (await host.Monitor.GetStringAsync(new Uri("/services", UriKind.Relative), CancellationToken))
            .ShouldContain("id=\"account-notification-service-order.processed\"");
        await host.Prometheus.WaitForAsync("sum(event_flow_drift)", value => value == 1, CancellationToken);
    }

    private static Task<string> PlaceAsync(OrderFlowHost host, string userId) =>
        Orders.PlaceAsync(host.Gateway, new { items = new[] { new { id = "item-1", quantity = 1 } }, userId }, CancellationToken);

    /// <summary>The rows of the reconciliation once it has settled with so many orders.</summary>
    private static async Task<List<Row>> SettledAsync(OrderFlowHost host, long published)
    {
        List<Row> rows = [];
        var text = "";
        await Wait.UntilAsync(
            () => $"the reconciliation has not settled: {text}",
            async () =>
            {
                var reconciliation = await host.Monitor.GetFromJsonAsync<JsonElement>(
                    new Uri("/api/reconciliation", UriKind.Relative), CancellationToken);
                text = reconciliation.GetRawText();
                rows = [.. reconciliation.GetProperty("rows").EnumerateArray().Select(Row.Of)];
                return reconciliation.GetProperty("settled").GetBoolean()
                    && rows.Exists(row => row.Type == "order.processed" && row.Published == published);
            },
            Patience);
        return rows;
    }

    private sealed record Row(string Type, string Consumer, long Published, long Handled, long? Drift)
    {
        public static Row Of(JsonElement row) => new(
            row.GetProperty("eventType").GetString()!,
            row.GetProperty("consumer").GetString()!,
            row.GetProperty("published").GetInt64(),
            row.GetProperty("handled").GetInt64(),
            row.TryGetProperty("drift", out var drift) ? drift.GetInt64() : null);
    }
}
