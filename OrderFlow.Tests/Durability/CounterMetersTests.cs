using OrderFlow.Messaging.Durability.Counting;
using OrderFlow.Tests.Services;
using OrderFlow.Tests.Telemetry;

namespace OrderFlow.Tests.Durability;

[Collection(LiveTelemetry.Name)]
public sealed class CounterMetersTests
{
    [Fact]
    public async Task What_is_told_is_scraped_and_what_is_no_longer_told_is_gone_after_one_more_scrape()
    {
        await using var scraped = await TestService.StartAsync();
        var things = new DurableCounter("OrderFlow.Tests.Counted", "things", "{thing}", "Things.", ["colour"], ["red"], ["blue"]);
        using var meters = new CounterMeters(new DurableCounters([things]), TestMeters.Create());

        meters.Tell(new Dictionary<DurableSeries, long> { [things.SeriesOf("red")] = 5, [things.SeriesOf("green")] = 2 });
        await ShowsAsync(scraped, "things_total{colour=\"red\"} 5", "things_total{colour=\"blue\"} 0", "things_total{colour=\"other\"} 2");

        meters.Tell(new Dictionary<DurableSeries, long> { [things.SeriesOf("red")] = 8, [things.SeriesOf("green")] = 2 });
        await ShowsAsync(scraped, "things_total{colour=\"red\"} 8", "things_total{colour=\"blue\"} 0", "things_total{colour=\"other\"} 2");

        meters.BeSilent();
        await scraped.ScrapeAsync();
        await ShowsAsync(scraped);

        meters.Tell(new Dictionary<DurableSeries, long> { [things.SeriesOf("red")] = 9 });
        await ShowsAsync(scraped, "things_total{colour=\"red\"} 9", "things_total{colour=\"blue\"} 0");
    }

    private static async Task ShowsAsync(TestService scraped, params string[] lines) =>
        (await scraped.ScrapeAsync()).Split('\n').Where(line => line.StartsWith("things", StringComparison.Ordinal)).ShouldBe(lines, ignoreOrder: true);
}
