using OrderFlow.Messaging.Durability.Counting;
using OrderFlow.Tests.Services;
using OrderFlow.Tests.Telemetry.Exposition;

namespace OrderFlow.Tests.Durability;

public sealed class CounterMetersTests
{
    [Fact]
    public async Task What_is_told_is_scraped_and_what_is_no_longer_told_is_gone_after_one_more_scrape()
    {
        using var scraped = new ScrapedMeter();
        var things = new DurableCounter($"{scraped.Meter.Name}.counted", "things", "{thing}", "Things.", ["colour"], ["red"], ["blue"]);
        using var meters = new CounterMeters(new DurableCounters([things]), TestMeters.Create());

        meters.Tell(new Dictionary<DurableSeries, long> { [things.SeriesOf("red")] = 5, [things.SeriesOf("green")] = 2 });
        await ShowsAsync(scraped, "things_total{colour=\"red\"} 5", "things_total{colour=\"blue\"} 0", "things_total{colour=\"other\"} 2");

        meters.Tell(new Dictionary<DurableSeries, long> { [things.SeriesOf("red")] = 8, [things.SeriesOf("green")] = 2 });
        await ShowsAsync(scraped, "things_total{colour=\"red\"} 8", "things_total{colour=\"blue\"} 0", "things_total{colour=\"other\"} 2");

        meters.BeSilent();
        await scraped.TextAsync();
        await ShowsAsync(scraped);

        meters.Tell(new Dictionary<DurableSeries, long> { [things.SeriesOf("red")] = 9 });
        await ShowsAsync(scraped, "things_total{colour=\"red\"} 9", "things_total{colour=\"blue\"} 0");
        scraped.Warnings.ShouldBeEmpty();
    }

    private static async Task ShowsAsync(ScrapedMeter scraped, params string[] lines) =>
        (await scraped.TextAsync()).Split('\n').Where(line => line.StartsWith("things", StringComparison.Ordinal)).ShouldBe(lines, ignoreOrder: true);
}
