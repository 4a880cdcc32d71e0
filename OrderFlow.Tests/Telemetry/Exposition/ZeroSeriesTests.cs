using System.Diagnostics.Metrics;
using OrderFlow.ServiceDefaults.Metrics;

namespace OrderFlow.Tests.Telemetry.Exposition;

public sealed class ZeroSeriesTests : IDisposable
{
    private readonly ScrapedMeter _scraped = new();
    private readonly Histogram<double> _latency;

    public ZeroSeriesTests() => _latency = _scraped.Meter.CreateHistogram(
        "latency", "s", "How long.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1] });

    [Fact]
    public async Task A_series_is_there_before_its_first_value_and_once_afterwards()
    {
        _scraped.ShowFromZero(new ZeroSeries(_latency, [new("status", "success")], [new("status", "failure")]));

        (await _scraped.OpenMetricsAsync()).ShouldBe("""
            # TYPE latency_seconds histogram
            # UNIT latency_seconds seconds
            # HELP latency_seconds How long.
            latency_seconds_bucket{status="success",le="0.5"} 0
            latency_seconds_bucket{status="success",le="1.0"} 0
            latency_seconds_bucket{status="success",le="+Inf"} 0
            latency_seconds_sum{status="success"} 0
            latency_seconds_count{status="success"} 0
            latency_seconds_bucket{status="failure",le="0.5"} 0
            latency_seconds_bucket{status="failure",le="1.0"} 0
            latency_seconds_bucket{status="failure",le="+Inf"} 0
            latency_seconds_sum{status="failure"} 0
            latency_seconds_count{status="failure"} 0
            # EOF

            """);

        _latency.Record(0.7, new KeyValuePair<string, object?>("status", "success"));
        var document = await _scraped.OpenMetricsAsync();
        OpenMetricsRules.Check(OpenMetricsDocument.Parse(document));
        document.ShouldContain("latency_seconds_count{status=\"success\"} 1\n");
        document.ShouldContain("latency_seconds_count{status=\"failure\"} 0\n");
        _scraped.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_tags_there_are_no_braces()
    {
        _scraped.ShowFromZero(new ZeroSeries(_latency, series: [[]]));

        (await _scraped.TextAsync()).ShouldBe("""
            # HELP latency_seconds How long.
            # TYPE latency_seconds histogram
            latency_seconds_bucket{le="0.5"} 0
            latency_seconds_bucket{le="1.0"} 0
            latency_seconds_bucket{le="+Inf"} 0
            latency_seconds_sum 0
            latency_seconds_count 0

            """);
    }

    [Fact]
    public void An_instrument_without_boundaries_is_refused() =>
        Should.Throw<ArgumentException>(() => new ZeroSeries(_scraped.Meter.CreateHistogram<double>("plain"), [[]]))
            .Message.ShouldStartWith("Histogram 'plain' advises no bucket boundaries");

    public void Dispose() => _scraped.Dispose();
}
