using OrderFlow.Tests.Support.EndToEnd;

namespace OrderFlow.Tests.EndToEnd;

public sealed class FailedNotificationTests
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_order_whose_notification_always_fails_ends_in_the_dead_letters_and_in_the_error_rate()
    {
        await using var host = await OrderFlowHost.StartAsync(
            CancellationToken, "--Simulation:FailureRate=1", "--Messaging:RetryTiers=200ms");

        const int orders = 5;
        for (var i = 0; i < orders; i++)
        {
            await Orders.PlaceAsync(host.Gateway, CancellationToken);
        }

        var failed = await host.Prometheus.WaitForAsync(
            "sum(event_processing_end_to_end_latency_seconds_count{event_type=\"OrderCreationFlow\",status=\"failure\"})",
            value => value >= orders,
            CancellationToken);
        failed.ShouldBe(orders);
        (await host.Prometheus.WaitForAsync(
            "sum(events_dead_lettered_total{event_type=\"order.processed\"})", value => value >= orders, CancellationToken))
            .ShouldBe(orders);
        (await host.Prometheus.WaitForAsync(
            "sum(rabbitmq_queue_messages{queue=\"notification-service.dead-letters\"})", value => value >= orders, CancellationToken))
            .ShouldBe(orders);
        (await host.Prometheus.WaitForAsync("event_type:event_processing_failures:ratio_rate5m", value => value > 0, CancellationToken))
            .ShouldBe(1);
        host.Tap.OrdersWith("notification.sent").ShouldBeEmpty();
    }
}
