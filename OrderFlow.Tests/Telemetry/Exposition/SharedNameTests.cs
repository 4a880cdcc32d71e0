using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace OrderFlow.Tests.Telemetry.Exposition;

public sealed class SharedNameTests : IDisposable
{
    private readonly ScrapedMeter _scraped = new(metrics => metrics.AddView("exponential", new Base2ExponentialBucketHistogramConfiguration()));

    private Meter Meter => _scraped.Meter;

    [Fact]
    public async Task A_name_used_by_two_meters_is_one_family_in_one_place()
    {
        Meter.CreateCounter<long>("shared", null, "First.").Add(1, new KeyValuePair<string, object?>("who", "main"));
        Meter.CreateCounter<long>("between").Add(1);
        _scraped.NewMeter("other").CreateCounter<long>("shared", null, "Second.").Add(2, new KeyValuePair<string, object?>("who", "other"));

        (await _scraped.TextAsync()).ShouldBe("""
            # HELP shared_total First.
            # TYPE shared_total counter
            shared_total{who="main"} 1
            shared_total{who="other"} 2
            # TYPE between_total counter
            between_total 1

            """);
        _scraped.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_same_series_from_two_meters_is_written_once_and_warned_about_once()
    {
        Meter.CreateCounter<long>("shared").Add(1, new("a", "1"), new("b", "2"));
        _scraped.NewMeter("other").CreateCounter<long>("shared").Add(9, new("b", "2"), new("a", 1));

        for (var scrape = 0; scrape < 3; scrape++)
        {
            (await _scraped.TextAsync()).ShouldBe("""
                # TYPE shared_total counter
                shared_total{a="1",b="2"} 1

                """);
        }

        _scraped.Warnings.ShouldHaveSingleItem().ShouldContain("shared");
    }

    [Theory]
    [InlineData("orders", "orders")]
    [InlineData("orders", "orders.created")]
    public async Task A_name_taken_by_another_type_leaves_the_later_one_out(string counter, string gauge)
    {
        Meter.CreateCounter<long>(counter).Add(1);
        Meter.CreateGauge<long>(gauge).Record(2);

        for (var scrape = 0; scrape < 3; scrape++)
        {
            (await _scraped.TextAsync()).ShouldBe("""
                # TYPE orders_total counter
                orders_total 1

                """);
        }

        _scraped.Warnings.ShouldHaveSingleItem().ShouldContain($"Metric {gauge} of meter {Meter.Name} is left out");
    }

    [Fact]
    public async Task No_instrument_takes_the_name_of_target_info()
    {
        Meter.CreateGauge<long>("target.info").Record(2);

        (await _scraped.OpenMetricsAsync()).ShouldBe("# EOF\n");
        _scraped.Warnings.ShouldHaveSingleItem().ShouldContain("target_info");
    }

    [Fact]
    public async Task An_exponential_histogram_is_left_out_with_the_remedy()
    {
        Meter.CreateHistogram<double>("exponential").Record(1);

        (await _scraped.TextAsync()).ShouldBe("");
        _scraped.Warnings.ShouldHaveSingleItem().ShouldContain("InstrumentAdvice.HistogramBucketBoundaries");
    }

    [Fact]
    public async Task A_series_that_is_no_longer_observed_goes_and_the_others_keep_their_labels()
    {
        string[] queues = ["a", "b", "c"];
        Meter.CreateObservableGauge("depth", () => queues.Select((queue, i) => new Measurement<int>(i, new KeyValuePair<string, object?>("queue", queue))));
        (await _scraped.TextAsync()).ShouldContain("depth{queue=\"a\"} 0\ndepth{queue=\"b\"} 1\ndepth{queue=\"c\"} 2\n");

        queues = ["c", "b"];
        (await _scraped.TextAsync()).ShouldBe("# TYPE depth gauge\ndepth{queue=\"b\"} 1\ndepth{queue=\"c\"} 0\n");

        queues = [];
        (await _scraped.TextAsync()).ShouldBe("");

        queues = ["d"];
        (await _scraped.TextAsync()).ShouldBe("# TYPE depth gauge\ndepth{queue=\"d\"} 0\n");
    }

    [Fact]
    public async Task A_name_is_free_again_when_its_meter_is_gone()
    {
        var first = _scraped.NewMeter("first");
        first.CreateCounter<long>("orders").Add(1);
        await _scraped.TextAsync();

        first.Dispose();
        Meter.CreateGauge<long>("orders").Record(2);
        await _scraped.TextAsync();
        await _scraped.TextAsync();

        (await _scraped.TextAsync()).ShouldBe("# TYPE orders gauge\norders 2\n");
    }

    [Fact]
    public async Task More_series_than_the_limit_end_in_the_overflow_series()
    {
        var counter = Meter.CreateCounter<long>("many");
        for (var i = 0; i < 2_100; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("id", i));
        }

        (await _scraped.TextAsync()).ShouldContain("many_total{otel_metric_overflow=\"true\"} ");
    }

    public void Dispose() => _scraped.Dispose();
}
