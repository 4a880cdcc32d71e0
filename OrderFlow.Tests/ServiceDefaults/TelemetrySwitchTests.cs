using System.Net;
using OrderFlow.Tests.Support.Telemetry;

namespace OrderFlow.Tests.ServiceDefaults;

/// <summary>A service without metrics, without traces, or without both.</summary>
[Collection(LiveTelemetry.Name)]
public sealed class TelemetrySwitchTests
{
    [Fact]
    public async Task Without_metrics_there_is_nothing_to_scrape_and_traces_are_sent()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        string trace;
        await using (var service = await StartAsync(receiver, ("Telemetry:Metrics", "false")))
        {
            trace = await service.PlaceOrderAsync();
            using var answer = await service.Client.GetAsync("/metrics", TestContext.Current.CancellationToken);
            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        receiver.Trace(trace).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Without_traces_no_span_and_no_log_line_is_sent_and_metrics_are()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using (var service = await StartAsync(receiver, ("Telemetry:Traces", "false")))
        {
            await service.PlaceOrderAsync();
            (await service.Client.GetAsync("/fail", TestContext.Current.CancellationToken)).Dispose();
            (await service.ScrapeAsync()).ShouldContain("\ntest_orders_total{} 1\n");
        }

        receiver.Metrics.ShouldContain(metric => metric.Name == "test.orders");
        receiver.Spans.ShouldBeEmpty();
        receiver.Logs.ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_both_nothing_is_sent()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using (var service = await StartAsync(receiver, ("Telemetry:Traces", "false"), ("Telemetry:Metrics", "false")))
        {
            await service.PlaceOrderAsync();
        }

        receiver.Spans.ShouldBeEmpty();
        receiver.Logs.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_neither_true_nor_false_ends_the_start()
    {
        await using var receiver = await OtlpReceiver.StartAsync();

        var failure = await Should.ThrowAsync<InvalidOperationException>(() => StartAsync(receiver, ("Telemetry:Metrics", "perhaps")));

        failure.Message.ShouldContain("'perhaps' at 'Telemetry:Metrics'");
    }

    private static Task<InstrumentedService> StartAsync(OtlpReceiver receiver, params (string Setting, string Value)[] settings)
    {
        var all = new Dictionary<string, string>(receiver.Environment, StringComparer.Ordinal);
        foreach (var (setting, value) in settings)
        {
            all[setting] = value;
        }

        return InstrumentedService.StartAsync(all);
    }
}
