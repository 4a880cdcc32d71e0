using System.Text.Json;
using OrderFlow.Messaging.Operations.DeadLetters;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.EndToEnd;
using RabbitMQ.Client;

namespace OrderFlow.Tests.EndToEnd;

public sealed class OrderOutcomeTests
{
    private const string Service = "notification-service";

    /// <summary>More calls than one delivery makes (three for each of its four tries), so that the broker has to delay it.</summary>
    private const int MoreThanOneDelivery = 13;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_outcome_notifies_the_customer_and_a_dead_letter_can_be_replayed()
    {
        await using var customers = await CustomersWebhook.StartAsync();
        customers.Refuse("notified-late", MoreThanOneDelivery);
        customers.Refuse("never-notified", int.MaxValue);
        await using var host = await OrderFlowHost.StartAsync(
            customers.Environment, CancellationToken, "--Simulation:DeclineRate=0.5", "--Messaging:RetryTiers=300ms,600ms");

        var late = await PlaceAsync(host, "notified-late");
        var never = await PlaceAsync(host, "never-notified");
        var unknown = await PlaceAsync(host, "wants-the-unknown", "item-nobody-sells");
        var ordinary = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            ordinary.Add(await PlaceAsync(host, "ordinary"));
        }

        // Half of the payments are declined; each notification agrees with the order's status.
        await Wait.UntilAsync(
            () => $"{customers.NotificationsOf("ordinary").Count} of 20 are notified",
            () => customers.NotificationsOf("ordinary").Count == 20,
            TimeSpan.FromSeconds(60));
        var ends = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var order in ordinary)
        {
            ends[order] = await EndOfAsync(host, order);
        }

        ends.Values.Distinct().ShouldBe(["completed", "rejected: payment_declined"], ignoreOrder: true);
        customers.NotificationsOf("ordinary")
            .ShouldBe(ends.Select(end => (end.Key, end.Value == "completed" ? "order.processed" : "order.rejected")), ignoreOrder: true);

        (await EndOfAsync(host, unknown)).ShouldBe("rejected: unknown_product");
        await Wait.UntilAsync(
            "the customer of the unknown product is not notified",
            () => customers.NotificationsOf("wants-the-unknown").Count == 1,
            TimeSpan.FromSeconds(30));
        customers.NotificationsOf("wants-the-unknown").ShouldBe([(unknown, "order.rejected")]);

        await Wait.UntilAsync(
            "the late customer is not notified", () => customers.NotificationsOf("notified-late").Count == 1, TimeSpan.FromSeconds(60));
        customers.NotificationsOf("notified-late").Single().OrderId.ShouldBe(late);
        await CountIsAsync(host, "status=\"success\",attempt=\"retried\"", 1);

        var desk = new DeadLetterReplay(
            new ConnectionFactory { Uri = host.Broker, AutomaticRecoveryEnabled = false }, TimeProvider.System);
        DeadLetterListing? listing = null;
        await Wait.UntilAsync(
            "no dead letter",
            async () => (listing = await desk.ListAsync(Service, CancellationToken)).Groups.Count > 0,
            TimeSpan.FromSeconds(60));
        var group = listing!.Groups.ShouldHaveSingleItem();
        (group.Count, group.Key.Reason).ShouldBe((1, "handler_failed"));
        customers.NotificationsOf("never-notified").ShouldBeEmpty();
        await CountIsAsync(host, "status=\"failure\"", 1);

        // Whoever looks after the webhook has repaired it.
        customers.Refuse("never-notified", 0);
        (await desk.ReplayAsync(Service, new ReplayRequest(new ReplaySelection.Group(group.Id)), null, CancellationToken)).Replayed
            .ShouldBe(1);

        await Wait.UntilAsync(
            "the replay does not end", () => customers.NotificationsOf("never-notified").Count == 1, TimeSpan.FromSeconds(30));
        customers.NotificationsOf("never-notified").Single().OrderId.ShouldBe(never);
        await CountIsAsync(host, "status=\"success\",attempt=\"replayed\"", 1);
        await CountIsAsync(host, "status=\"success\",attempt=\"first\"", 21);
        (await desk.ListAsync(Service, CancellationToken)).Groups.ShouldBeEmpty();
    }

    private static Task<string> PlaceAsync(OrderFlowHost host, string userId, string item = "item-1") =>
        Orders.PlaceAsync(host.Gateway, new { items = new[] { new { id = item, quantity = 1 } }, userId }, CancellationToken);

    /// <summary>The order's status, with its reason if it has one, once it is final.</summary>
    private static async Task<string> EndOfAsync(OrderFlowHost host, string orderId)
    {
        var end = "";
        await Wait.UntilAsync(
            () => $"order {orderId} is '{end}'",
            async () =>
            {
                using var answer = await host.Gateway.GetAsync(new Uri($"/orders/{orderId}", UriKind.Relative), CancellationToken);
                if (!answer.IsSuccessStatusCode)
                {
                    return false;
                }

                using var order = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(CancellationToken));
                var status = order.RootElement.GetProperty("status").GetString();
                end = order.RootElement.TryGetProperty("reason", out var reason) && reason.GetString() is { } why
                    ? $"{status}: {why}"
                    : $"{status}";
                return status is "completed" or "rejected";
            },
            TimeSpan.FromSeconds(30));
        return end;
    }

    private static async Task CountIsAsync(OrderFlowHost host, string labels, int count) => await host.Prometheus.WaitForAsync(
        $"sum(event_processing_end_to_end_latency_seconds_count{{event_type=\"OrderCreationFlow\",{labels}}})",
        value => value == count,
        CancellationToken);
}
