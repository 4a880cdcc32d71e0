using System.IO.Compression;
using System.Text.Json;
using OrderFlow.Tests.Support.Telemetry;

namespace OrderFlow.Tests.ServiceDefaults;

[Collection(LiveTelemetry.Name)]
public sealed class MetricsEndpointTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Promtool_accepts_the_metrics_of_a_live_service()
    {
        await using var service = await InstrumentedService.StartAsync();
        await service.PlaceOrderAsync();
        (await service.Client.GetAsync("/nowhere", Cancellation)).Dispose();
        (await service.Client.GetAsync("/fail", Cancellation)).Dispose();

        var text = await service.ScrapeAsync();
        var (exitCode, complaints) = await Promtool.CheckMetricsAsync(text);

        complaints.ShouldBe("");
        exitCode.ShouldBe(0);
        string[] expected =
        [
            "# TYPE test_order_latency_seconds histogram", "# TYPE test_orders_total counter", "# TYPE test_handler_active gauge",
            "# TYPE dotnet_gc_collections_total counter", "# TYPE dotnet_assembly gauge", "# TYPE dotnet_process_cpu gauge",
            "# TYPE http_server_request_duration_seconds histogram", "# TYPE kestrel_active_connections gauge",
        ];
        expected.ShouldBeSubsetOf(text.Split('\n'));
    }

    [Fact]
    public async Task OpenMetrics_of_a_live_service_is_valid_and_has_exemplars()
    {
        await using var service = await InstrumentedService.StartAsync();
        var trace = await service.PlaceOrderAsync(seconds: 0.5);

        var document = OpenMetricsDocument.Parse(await service.ScrapeOpenMetricsAsync());

        OpenMetricsRules.Check(document);
        var bucket = document["test_order_latency_seconds"].Samples.Single(sample => sample.Labels.GetValueOrDefault("le") == "1.0");
        bucket.Exemplar!.Labels["trace_id"].ShouldBe(trace);
        bucket.Exemplar.Value.ShouldBe(0.5);
        document["target"].Samples.ShouldHaveSingleItem().Labels["service_name"].ShouldBe("test-service");
    }

    [Fact]
    public async Task A_real_Prometheus_reads_the_series_and_the_exemplars()
    {
        await using var service = await InstrumentedService.StartAsync();
        await using var prometheus = new PrometheusServer(service.Url);
        await prometheus.AskAsync("/api/v1/query?query=up", data => Result(data) is [var up] && Value(up) == "1");
        var trace = await service.PlaceOrderAsync(seconds: 0.5);

        var count = await prometheus.AskAsync(
            "/api/v1/query?query=test_order_latency_seconds_bucket%7Ble%3D%221.0%22%2Cflow%3D%22Test%22%7D", data => Result(data) is [_]);
        Value(Result(count)[0]).ShouldBe("1");

        var now = DateTimeOffset.UtcNow;
        var (start, end) = (now.AddHours(-1).ToUnixTimeSeconds(), now.AddHours(1).ToUnixTimeSeconds());
        var exemplars = await prometheus.AskAsync(
            $"/api/v1/query_exemplars?query=test_order_latency_seconds_bucket&start={start}&end={end}",
            data => data.GetArrayLength() > 0);
        exemplars[0].GetProperty("seriesLabels").GetProperty("le").GetString().ShouldBe("1.0");
        var exemplar = exemplars[0].GetProperty("exemplars")[0];
        exemplar.GetProperty("labels").GetProperty("trace_id").GetString().ShouldBe(trace);
        exemplar.GetProperty("value").GetString().ShouldBe("0.5");
    }

    [Fact]
    public async Task Concurrent_scrapes_are_all_complete()
    {
        await using var service = await InstrumentedService.StartAsync();
        await service.PlaceOrderAsync();

        var scrapes = await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
        {
            await service.PlaceOrderAsync();
            return i % 2 == 0 ? await service.ScrapeOpenMetricsAsync() : null;
        }));

        foreach (var text in scrapes.OfType<string>())
        {
            OpenMetricsRules.Check(OpenMetricsDocument.Parse(text));
        }

        OpenMetricsDocument.Parse(await service.ScrapeOpenMetricsAsync())["test_orders"].Samples.Single(sample =>
            sample.Name == "test_orders_total").Value.ShouldBe(41);
    }

    [Fact]
    public async Task A_scrape_sees_what_happened_before_it()
    {
        await using var service = await InstrumentedService.StartAsync();
        for (var orders = 1; orders <= 20; orders++)
        {
            await service.PlaceOrderAsync();
            (await service.ScrapeAsync()).ShouldContain($"\ntest_orders_total{{}} {orders}\n");
        }
    }

    [Fact]
    public async Task Gzip_answer_is_the_same_document()
    {
        await using var service = await InstrumentedService.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Add("Accept-Encoding", "gzip");

        using var response = await service.Client.SendAsync(request, Cancellation);

        response.Content.Headers.ContentEncoding.ShouldBe(["gzip"]);
        await using var gzip = new GZipStream(await response.Content.ReadAsStreamAsync(Cancellation), CompressionMode.Decompress);
        using var reader = new StreamReader(gzip);
        (await reader.ReadToEndAsync(Cancellation)).ShouldContain("\n# TYPE dotnet_gc_collections_total counter\n");
    }

    [Fact]
    public async Task Probes_are_not_in_the_request_metrics()
    {
        await using var service = await InstrumentedService.StartAsync();
        foreach (var path in (string[])["/health", "/alive", "/metrics"])
        {
            (await service.Client.GetAsync(path, Cancellation)).EnsureSuccessStatusCode().Dispose();
        }

        (await service.ScrapeAsync()).ShouldNotContain("http_server_request_duration_seconds");
    }

    private static JsonElement[] Result(JsonElement data) => [.. data.GetProperty("result").EnumerateArray()];

    private static string? Value(JsonElement sample) => sample.GetProperty("value")[1].GetString();
}
