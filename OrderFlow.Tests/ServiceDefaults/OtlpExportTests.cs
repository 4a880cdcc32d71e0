using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using OrderFlow.Tests.Support.Telemetry;

namespace OrderFlow.Tests.ServiceDefaults;

[Collection(LiveTelemetry.Name)]
public sealed class OtlpExportTests
{
    [Fact]
    public async Task Request_is_exported_with_the_names_of_the_conventions()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var service = await InstrumentedService.StartAsync(receiver.Environment);

        var trace = await service.PlaceOrderAsync(0.5, ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        await receiver.WaitForSpansAsync(spans => spans.Count(span => span.TraceId == trace) >= 2);

        var server = receiver.Trace(trace).Single(span => span.Kind == ActivityKind.Server);
        server.ParentSpanId.ShouldBe("b7ad6b7169203331");
        server.Service.ShouldBe("test-service");
        server.Name.ShouldStartWith("POST /orders/{seconds");
        server.Attributes["http.request.method"].ShouldBe("POST");
        server.Attributes["http.response.status_code"].ShouldBe(202L);
        server.Attributes["network.protocol.version"].ShouldBe("1.1");
        server.Attributes["http.route"].ShouldBe(server.Name["POST ".Length..]);
        server.Attributes["url.path"].ShouldBe("/orders/0.5");
        server.IsError.ShouldBeFalse();
        var own = receiver.Trace(trace).Single(span => span.Source == InstrumentedService.Source);
        own.ParentSpanId.ShouldBe(server.SpanId);
        own.Name.ShouldBe("place order");
    }

    [Fact]
    public async Task Failed_request_is_exported_as_an_error_and_its_log_line_has_the_trace_id()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var service = await InstrumentedService.StartAsync(receiver.Environment);

        (await service.Client.GetAsync("/fail", TestContext.Current.CancellationToken)).Dispose();
        await receiver.WaitUntilAsync(() => receiver.Spans.Any(span => span.Name == "GET /fail") && receiver.Logs.Count > 0);

        var span = receiver.Spans.First(span => span.Name == "GET /fail");
        span.IsError.ShouldBeTrue();
        span.Attributes["http.response.status_code"].ShouldBe(500L);
        receiver.Logs.ShouldContain(log => log.TraceId == span.TraceId && log.SpanId == span.SpanId);
    }

    [Fact]
    public async Task Metrics_are_exported_and_can_still_be_scraped()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var service = await InstrumentedService.StartAsync(receiver.Environment);

        await service.PlaceOrderAsync();
        await receiver.WaitUntilAsync(() =>
            receiver.Metrics.Any(metric => metric is { Name: "test.order.latency", Unit: "s", Service: "test-service" }));

        (await service.ScrapeAsync()).ShouldContain("\ntest_orders_total{} 1\n");
    }

    [Fact]
    public async Task Pending_telemetry_is_exported_when_the_service_stops()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var settings =
            new Dictionary<string, string>(receiver.Environment, StringComparer.Ordinal) { ["OTEL_BSP_SCHEDULE_DELAY"] = "60000" };
        string trace;
        await using (var service = await InstrumentedService.StartAsync(settings))
        {
            trace = await service.PlaceOrderAsync();
        }

        receiver.Trace(trace).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Probes_are_not_exported()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using (var service = await InstrumentedService.StartAsync(receiver.Environment))
        {
            (await service.Client.GetAsync("/health", TestContext.Current.CancellationToken)).EnsureSuccessStatusCode().Dispose();
            await service.ScrapeAsync();
            await service.PlaceOrderAsync();
        }

        receiver.Spans.Where(span => span.Kind == ActivityKind.Server).ShouldHaveSingleItem().Attributes["url.path"].ShouldBe(
            "/orders/0.5");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Collector_that_is_down_or_does_not_answer_does_not_slow_the_service(bool silent)
    {
        // Refuses at once, or takes the connection and never answers.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        if (!silent)
        {
            listener.Stop();
        }

        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{port}",
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "10",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "50",
        };
        var service = await InstrumentedService.StartAsync(settings);
        var clock = Stopwatch.StartNew();
        for (var order = 0; order < 200; order++)
        {
            await service.PlaceOrderAsync();
        }

        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
        (await service.ScrapeAsync()).ShouldContain("\ntest_orders_total{} 200\n");

        clock.Restart();
        await service.DisposeAsync();
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
    }
}
