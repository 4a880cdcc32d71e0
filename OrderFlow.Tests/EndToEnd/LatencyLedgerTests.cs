using System.Globalization;
using OrderFlow.AppHost;
using OrderFlow.Contracts;
using OrderFlow.Messaging.LatencyLedger;
using OrderFlow.Tests.Support.EndToEnd;

namespace OrderFlow.Tests.EndToEnd;

[Collection(JourneyFixture.Collection)]
public sealed class LatencyLedgerTests(JourneyFixture journey)
{
    private static readonly string[] Transactional = ["broker", "buffer", "handling", "transaction", "outbox"];

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_stages_of_every_order_sum_to_its_end_to_end_latency()
    {
        var orders = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Orders.PlaceAsync(journey.Host.Gateway, CancellationToken)));

        foreach (var order in orders)
        {
            var tapped = (await journey.Host.Tap.WaitForAsync(order, ["notification.sent"]))["notification.sent"];
            var header = tapped.Header("stages").ShouldNotBeNull();
            var ledger = FlowLedger.Read(header).ShouldNotBeNull(header);
            ledger.Entries.Sum(entry => entry.Micros).ShouldBe(NotificationSent.Parser.ParseFrom(tapped.Body.Span).EndToEndMicros, header);
            ledger.Entries.Select(entry => entry.Name).Where(name => name != "unaccounted").ShouldBe(
            [
                "accept",
                .. Transactional.Select(stage => $"order.created/{stage}"),
                .. Transactional.Select(stage => $"payment.requested/{stage}"),
                .. Transactional.Select(stage => $"payment.processed/{stage}"),
                "order.processed/broker", "order.processed/buffer", "order.processed/transaction", "order.processed/handling",
            ], ignoreOrder: true, header);
            ledger.Entries.ShouldAllBe(entry => entry.Micros >= 0);
        }
    }

    [Fact]
    public async Task The_stage_metrics_sum_to_the_latency_metric_in_Prometheus()
    {
        var order = await Orders.PlaceAsync(journey.Host.Gateway, CancellationToken);
        await journey.Host.Tap.WaitForAsync(order, ["notification.sent"]);
        await journey.Host.Prometheus.WaitForScrapeAsync(ResourceNames.NotificationService, CancellationToken);

        // Both in one query, so that both are of one scrape.
        var difference = await journey.Host.Prometheus.WaitForAsync(
            "abs(sum(event_flow_stage_duration_seconds_sum) - sum(event_processing_end_to_end_latency_seconds_sum)) / "
            + "sum(event_processing_end_to_end_latency_seconds_sum)",
            value => value < 1e-9, CancellationToken);

        difference.ShouldNotBeNull(string.Create(CultureInfo.InvariantCulture, $"{difference}"));
        (await journey.Host.Prometheus.QueryAsync("sum(event_flow_stage_duration_seconds_sum)", CancellationToken)).ShouldNotBeNull()
            .ShouldBeGreaterThan(0);
    }
}
