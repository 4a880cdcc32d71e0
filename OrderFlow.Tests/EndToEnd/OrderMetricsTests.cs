using OrderFlow.AppHost;
using OrderFlow.Tests.Support;
using OrderFlow.Tests.Support.EndToEnd;

namespace OrderFlow.Tests.EndToEnd;

[Collection(JourneyFixture.Collection)]
public sealed class OrderMetricsTests(JourneyFixture journey)
{
    private const string Ended = "sum(event_processing_end_to_end_latency_seconds_count{event_type=\"OrderCreationFlow\"})";

    /// <summary>Requests that were accepted and are no orders of their own: same key, same order.</summary>
    private const string SentTwice = "(sum(events_duplicates_total{event_type=\"order.created\"}) or vector(0))";

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_accepted_order_is_counted_once_in_the_latency_histogram()
    {
        const int orders = 250;
        await QuietAsync();
        var before = await journey.Host.Prometheus.QueryAsync(Ended, CancellationToken);

        var placed = await Task.WhenAll(
            Enumerable.Range(0, orders).Select(_ => Orders.PlaceAsync(journey.Host.Gateway, CancellationToken)));
        placed.Distinct().Count().ShouldBe(orders);
        foreach (var order in placed)
        {
            await journey.Host.Tap.WaitForAsync(order, ["notification.sent"]);
        }

        await journey.Host.Prometheus.WaitForAsync(Ended, ended => ended - before >= orders, CancellationToken);
        // Nothing more may trickle in: every notification was seen before, and a later scrape has the same value.
        await journey.Host.Prometheus.WaitForScrapeAsync(ResourceNames.NotificationService, CancellationToken);
        (await journey.Host.Prometheus.QueryAsync(Ended, CancellationToken) - before).ShouldBe(orders);
        (await journey.Host.Prometheus.QueryAsync(
            "sum(event_processing_end_to_end_latency_seconds_count{status=\"failure\"}) or vector(0)", CancellationToken)).ShouldBe(0);
    }

    [Theory]
    [InlineData(
        "histogram_quantile(0.99, sum by (le) (rate(event_processing_end_to_end_latency_seconds_bucket"
        + "{event_type=\"OrderCreationFlow\",status=\"success\",attempt!=\"replayed\"}[5m]))) >= 0", 0, 10)]
    [InlineData("event_type:event_processing_end_to_end_latency_seconds:p50_5m{event_type=\"OrderCreationFlow\"}", 0, 10)]
    [InlineData("event_type:event_processing_end_to_end_latency_seconds:p95_5m{event_type=\"OrderCreationFlow\"}", 0, 10)]
    [InlineData("event_type:event_processing_end_to_end_latency_seconds:p99_5m{event_type=\"OrderCreationFlow\"}", 0, 10)]
    [InlineData("event_type:event_processing_failures:ratio_rate5m{event_type=\"OrderCreationFlow\"}", -1, 0.001)]
    [InlineData("event_type:event_processing_end_to_end_latency_seconds_count:rate5m{event_type=\"OrderCreationFlow\"}", 0, 1000)]
    [InlineData("sum(flow_stage:event_flow_stage_duration_seconds:share_rate5m{flow=\"OrderCreationFlow\"})", 0.999, 1.001)]
    public async Task A_query_has_a_value_after_the_first_order(string query, double moreThan, double atMost)
    {
        await Orders.PlaceAsync(journey.Host.Gateway, CancellationToken);

        var answer = await journey.Host.Prometheus.WaitForAsync(query, value => value > moreThan && value <= atMost, CancellationToken);

        answer.ShouldNotBeNull();
    }

    [Fact]
    public async Task No_rule_fails()
    {
        await Wait.UntilAsync(
            "every rule is ok",
            async () => (await journey.Host.Prometheus.RuleHealthAsync(CancellationToken)).All(rule => rule.Health == "ok"),
            // Some are asked once a minute.
            TimeSpan.FromSeconds(90));

        var rules = await journey.Host.Prometheus.RuleHealthAsync(CancellationToken);
        rules.Count.ShouldBe(9 + 17 + 42);
        rules.ShouldContain(rule => rule.Name == "ErrorBudgetBurns");
    }

    [Fact]
    public async Task The_broker_exports_the_metrics_of_its_queues()
    {
        var queues = await journey.Host.Prometheus.WaitForAsync(
            "count(rabbitmq_queue_messages{queue=~\"order-service|payment-service|notification-service\"})",
            count => count == 3,
            CancellationToken);

        queues.ShouldBe(3);
    }

    [Fact]
    public async Task Accepted_orders_equal_completed_plus_rejected_orders()
    {
        var order = await Orders.PlaceAsync(journey.Host.Gateway, CancellationToken);
        await journey.Host.Tap.WaitForAsync(order, ["notification.sent"]);

        var difference = await journey.Host.Prometheus.WaitForAsync(
            $"sum(orders_accepted_total) - {SentTwice} - sum(orders_completed_total) - "
            + $"sum(orders_rejected_total{{job=\"order-service\"}})", value => value == 0, CancellationToken);

        difference.ShouldBe(0);
    }

    /// <summary>Waits until Prometheus knows that every order of the tests before has ended.</summary>
    private async Task QuietAsync()
    {
        await journey.Host.Prometheus.WaitForScrapeAsync(ResourceNames.Gateway, CancellationToken);
        await journey.Host.Prometheus.WaitForAsync(
            $"(sum(orders_accepted_total) or vector(0)) - {SentTwice} - {Ended}", open => open == 0, CancellationToken);
    }
}
