using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using OrderFlow.ServiceDefaults.Telemetry;
using OrderFlow.Tests.Support.Telemetry;

namespace OrderFlow.Tests.ServiceDefaults;

[Collection(LiveTelemetry.Name)]
public sealed class ZeroSeriesTests : IDisposable
{
    private readonly Meter _meter = new("OrderFlow.Tests.Zeros");
    private readonly Histogram<double> _latency;

    public ZeroSeriesTests() => _latency = _meter.CreateHistogram(
        "flow.latency", "s", "How long.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.25, 1, 10] });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Series_is_shown_with_zeros_before_its_first_value()
    {
        await using var service = await StartAsync();

        Lines(await service.ScrapeOpenMetricsAsync()).ShouldBe("""
            # TYPE flow_latency_seconds histogram
            # UNIT flow_latency_seconds seconds
            # HELP flow_latency_seconds How long.
            flow_latency_seconds_bucket{attempt="first",status="success",le="0.25"} 0
            flow_latency_seconds_bucket{attempt="first",status="success",le="1.0"} 0
            flow_latency_seconds_bucket{attempt="first",status="success",le="10.0"} 0
            flow_latency_seconds_bucket{attempt="first",status="success",le="+Inf"} 0
            flow_latency_seconds_sum{attempt="first",status="success"} 0
            flow_latency_seconds_count{attempt="first",status="success"} 0
            flow_latency_seconds_bucket{attempt="first",status="failure",le="0.25"} 0
            flow_latency_seconds_bucket{attempt="first",status="failure",le="1.0"} 0
            flow_latency_seconds_bucket{attempt="first",status="failure",le="10.0"} 0
            flow_latency_seconds_bucket{attempt="first",status="failure",le="+Inf"} 0
            flow_latency_seconds_sum{attempt="first",status="failure"} 0
            flow_latency_seconds_count{attempt="first",status="failure"} 0
            """);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Series_with_a_value_is_shown_once_with_the_same_labels(bool openMetrics)
    {
        await using var service = await StartAsync();
        var before = Series(await ScrapeAsync());

        _latency.Record(0.7, new("status", "success"), new("attempt", "first"));

        var document = await ScrapeAsync();
        document.ShouldContain("flow_latency_seconds_count{attempt=\"first\",status=\"success\"} 1\n");
        document.ShouldContain("flow_latency_seconds_count{attempt=\"first\",status=\"failure\"} 0\n");
        Series(document).ShouldBe(before, ignoreOrder: true);
        if (openMetrics)
        {
            OpenMetricsRules.Check(OpenMetricsDocument.Parse(document));
        }
        else
        {
            (await Promtool.CheckMetricsAsync(document)).ShouldBe((0, ""));
        }

        Task<string> ScrapeAsync() => openMetrics ? service.ScrapeOpenMetricsAsync() : service.ScrapeAsync();
    }

    [Fact]
    public async Task Zero_series_are_shown_when_gzip_is_asked_for()
    {
        await using var service = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Add("Accept-Encoding", "gzip");

        using var response = await service.Client.SendAsync(request, Cancellation);

        response.Content.Headers.ContentEncoding.ShouldBeEmpty();
        (await response.Content.ReadAsStringAsync(Cancellation))
            .ShouldContain("flow_latency_seconds_count{attempt=\"first\",status=\"failure\"} 0\n");
    }

    [Fact]
    public async Task First_failure_is_an_increase_in_Prometheus()
    {
        await using var service = await StartAsync();
        await using var prometheus = new PrometheusServer(service.Url);
        await prometheus.AskAsync(
            "/api/v1/query?query=flow_latency_seconds_count%7Bstatus%3D%22failure%22%7D",
            data => data.GetProperty("result").GetArrayLength() == 1);

        _latency.Record(0.7, new("status", "failure"), new("attempt", "first"));

        var increase = await prometheus.AskAsync(
            "/api/v1/query?query=increase(flow_latency_seconds_count%7Bstatus%3D%22failure%22%7D%5B1m%5D)%20%3E%200",
            data => data.GetProperty("result").GetArrayLength() == 1);
        increase.GetProperty("result")[0].GetProperty("metric").GetProperty("attempt").GetString().ShouldBe("first");
    }

    [Fact]
    public void Instrument_without_bucket_boundaries_is_refused() =>
        Should.Throw<ArgumentException>(() => new ZeroSeries(_meter.CreateHistogram<double>("plain", "s", "Plain."), [[new("a", "b")]]))
            .Message.ShouldStartWith("Histogram 'plain' has no zero series without");

    public void Dispose() => _meter.Dispose();

    private Task<InstrumentedService> StartAsync() => InstrumentedService.StartAsync(configure: builder => builder.Services.AddSingleton(
        new ZeroSeries(
            _latency, [new("status", "success"), new("attempt", "first")], [new("status", "failure"), new("attempt", "first")])));

    private static string Lines(string document) =>
        string.Join('\n', document.Split('\n').Where(line => line.Contains("flow_latency", StringComparison.Ordinal)));

    /// <summary>Names and labels, without values, exemplars and times.</summary>
    private static List<string> Series(string document) =>
        [.. document.Split('\n')
            .Where(line =>
                line.StartsWith("flow_latency", StringComparison.Ordinal) && !line.Contains("_created", StringComparison.Ordinal))
                    .Select(line => line[..(line.IndexOf('}', StringComparison.Ordinal) + 1)])];
}
