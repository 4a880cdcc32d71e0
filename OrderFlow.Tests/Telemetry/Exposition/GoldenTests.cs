using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using OrderFlow.ServiceDefaults.Metrics;

namespace OrderFlow.Tests.Telemetry.Exposition;

public sealed partial class GoldenTests : IDisposable
{
    private readonly ScrapedMeter _scraped = new();

    private Meter Meter => _scraped.Meter;

    [Fact]
    public async Task A_counter_in_the_text_format_is_named_as_its_sample()
    {
        Meter.CreateCounter<long>("events.published", "{event}", "Back\\slash, \"quote\" and\nline.").Add(3, new KeyValuePair<string, object?>("event_type", "order.created"));

        (await _scraped.TextAsync()).ShouldBe("""
            # HELP events_published_total Back\\slash, "quote" and\nline.
            # TYPE events_published_total counter
            events_published_total{event_type="order.created"} 3

            """);
    }

    [Fact]
    public async Task A_counter_in_OpenMetrics_is_a_family_without_total()
    {
        Meter.CreateCounter<double>("cpu.time", "s", "Back\\slash, \"quote\" and\nline.").Add(1.25);

        (await _scraped.OpenMetricsAsync()).ShouldBe("""
            # TYPE cpu_time_seconds counter
            # UNIT cpu_time_seconds seconds
            # HELP cpu_time_seconds Back\\slash, \"quote\" and\nline.
            cpu_time_seconds_total 1.25
            # EOF

            """);
    }

    [Fact]
    public async Task Gauges_and_up_down_counters_are_gauges()
    {
        Meter.CreateUpDownCounter<int>("queue.size").Add(-2);
        Meter.CreateGauge<double>("nan").Record(double.NaN);
        Meter.CreateGauge<double>("up").Record(double.PositiveInfinity);
        Meter.CreateObservableGauge("down", () => new Measurement<double>(double.NegativeInfinity, new KeyValuePair<string, object?>("x", 1)));
        Meter.CreateGauge<double>("tiny").Record(1.5e-9);
        Meter.CreateGauge<double>("huge").Record(1e20);

        (await _scraped.TextAsync()).ShouldBe("""
            # TYPE queue_size gauge
            queue_size -2
            # TYPE nan gauge
            nan NaN
            # TYPE up gauge
            up +Inf
            # TYPE down gauge
            down{x="1"} -Inf
            # TYPE tiny gauge
            tiny 1.5E-09
            # TYPE huge gauge
            huge 1E+20

            """);
    }

    [Fact]
    public async Task A_histogram_counts_cumulatively_up_to_infinity()
    {
        var latency = Meter.CreateHistogram("latency", "s", "How long.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1, 10] });
        foreach (var value in (double[])[0.1, 0.5, 1.5, 20])
        {
            latency.Record(value, new KeyValuePair<string, object?>("flow", "A"));
        }

        (await _scraped.TextAsync()).ShouldBe("""
            # HELP latency_seconds How long.
            # TYPE latency_seconds histogram
            latency_seconds_bucket{flow="A",le="0.1"} 1
            latency_seconds_bucket{flow="A",le="1.0"} 2
            latency_seconds_bucket{flow="A",le="10.0"} 3
            latency_seconds_bucket{flow="A",le="+Inf"} 4
            latency_seconds_sum{flow="A"} 22.1
            latency_seconds_count{flow="A"} 4

            """);
    }

    [Fact]
    public async Task A_histogram_without_boundaries_has_the_bucket_of_everything()
    {
        Meter.CreateHistogram("size", "By", advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [] }).Record(7);

        (await _scraped.OpenMetricsAsync()).ShouldBe("""
            # TYPE size_bytes histogram
            # UNIT size_bytes bytes
            size_bytes_bucket{le="+Inf"} 1
            size_bytes_sum 7
            size_bytes_count 1
            # EOF

            """);
    }

    [Fact]
    public async Task Exemplars_stand_behind_their_own_bucket_and_behind_counters()
    {
        var latency = Meter.CreateHistogram("latency", "s", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        var orders = Meter.CreateCounter<long>("orders");
        var level = Meter.CreateGauge<long>("level");
        latency.Record(0.05);
        using (var activity = new Activity("sampled").SetParentId("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").Start())
        {
            latency.Record(0.7);
            orders.Add(2);
            level.Record(3);
        }

        using (var activity = new Activity("not sampled").SetParentId("00-0bf7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00").Start())
        {
            latency.Record(5);
        }

        SpanAndTime().Replace(await _scraped.OpenMetricsAsync(), "${head}SPAN${middle}TIME").ShouldBe("""
            # TYPE latency_seconds histogram
            # UNIT latency_seconds seconds
            latency_seconds_bucket{le="0.1"} 1
            latency_seconds_bucket{le="1.0"} 2 # {trace_id="0af7651916cd43dd8448eb211c80319c",span_id="SPAN"} 0.7 TIME
            latency_seconds_bucket{le="+Inf"} 3
            latency_seconds_sum 5.75
            latency_seconds_count 3
            # TYPE orders counter
            orders_total 2 # {trace_id="0af7651916cd43dd8448eb211c80319c",span_id="SPAN"} 2 TIME
            # TYPE level gauge
            level 3
            # EOF

            """);
        (await _scraped.TextAsync()).ShouldNotContain("trace_id");
    }

    [Fact]
    public async Task Target_info_says_who_is_scraped()
    {
        (await _scraped.ScrapeAsync(ExpositionFormat.OpenMetrics)).ShouldBe("""
            # TYPE target info
            # HELP target Who is scraped, and in which version.
            target_info{service_name="golden"} 1
            # EOF

            """);
        (await _scraped.ScrapeAsync(ExpositionFormat.PrometheusText)).ShouldBe("""
            # HELP target_info Who is scraped, and in which version.
            # TYPE target_info gauge
            target_info{service_name="golden"} 1

            """);
    }

    [Fact]
    public async Task A_histogram_whose_sum_may_fall_has_no_sum_in_OpenMetrics()
    {
        Meter.CreateHistogram("skew", "s", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [-1, 1] }).Record(-5);

        (await _scraped.OpenMetricsAsync()).ShouldBe("""
            # TYPE skew_seconds histogram
            # UNIT skew_seconds seconds
            skew_seconds_bucket{le="-1.0"} 1
            skew_seconds_bucket{le="1.0"} 1
            skew_seconds_bucket{le="+Inf"} 1
            # EOF

            """);
        (await _scraped.TextAsync()).ShouldContain("skew_seconds_sum -5\n");
    }

    public void Dispose() => _scraped.Dispose();

    [GeneratedRegex("""(?<head>span_id=")[0-9a-f]{16}(?<middle>"} [0-9.]+ )\d{10}\.\d{3}$""", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SpanAndTime();
}
