using System.Diagnostics;
using OrderFlow.Tests.Support.Telemetry;

namespace OrderFlow.Tests.ServiceDefaults;

[Collection(LiveTelemetry.Name)]
public sealed class FailedSpanTests
{
    private const string Source = "OrderFlow.Tests.Failing";

    [Fact]
    public async Task Of_unsampled_traces_only_failed_spans_and_their_ancestors_are_exported()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        using var source = new ActivitySource(Source);
        var within = "";
        var after = "";
        await using (var service = await InstrumentedService.StartAsync(Settings(receiver), environment: "Production"))
        {
            await service.PlaceOrderAsync();
            using (var whole = source.StartActivity("whole"))
            {
                using (source.StartActivity("good"))
                {
                }

                using (var broken = source.StartActivity("broken"))
                {
                    within = broken!.Id!;
                    broken.SetStatus(ActivityStatusCode.Error, "it broke");
                }

                using var next = source.StartActivity("next");
                after = next!.Id!;
                whole!.Status.ShouldBe(ActivityStatusCode.Unset);
            }

            using var failed = await service.Client.GetAsync("/fail", TestContext.Current.CancellationToken);
        }

        receiver.Spans.Where(span => span.Source == Source).Select(span => span.Name).ShouldBe(["broken", "whole"], ignoreOrder: true);
        receiver.Spans.Where(span => span.Kind == ActivityKind.Server).Select(span => span.Name).ShouldBe(["GET /fail"]);
        // The decision at the head of the trace stands for everyone else.
        within.ShouldEndWith("-00");
        after.ShouldEndWith("-00");
    }

    [Fact]
    public async Task Failed_span_of_an_unsampled_caller_is_exported_without_changing_the_propagated_decision()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        using var source = new ActivitySource(Source);
        await using (await InstrumentedService.StartAsync(Settings(receiver), environment: "Production"))
        {
            var parent =
                new ActivityContext(
                    ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.None, isRemote: true);
            using var process = source.StartActivity("process", ActivityKind.Consumer, parent);
            process!.SetStatus(ActivityStatusCode.Error);
            process.Id.ShouldNotBeNull().ShouldEndWith("-00");
        }

        receiver.Spans.Where(span => span.Source == Source).Select(span => span.Name).ShouldBe(["process"]);
    }

    [Theory]
    [InlineData("Telemetry:KeepErrors", "false")]
    [InlineData("OTEL_TRACES_SAMPLER", "always_off")]
    public async Task Nothing_of_an_unsampled_trace_is_exported_when_KeepErrors_is_off(string setting, string value)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var settings = Settings(receiver);
        settings[setting] = value;
        await using (var service = await InstrumentedService.StartAsync(settings, environment: "Production"))
        {
            using var failed = await service.Client.GetAsync("/fail", TestContext.Current.CancellationToken);
        }

        receiver.Spans.ShouldBeEmpty();
    }

    private static Dictionary<string, string> Settings(OtlpReceiver receiver)
    {
        var settings = new Dictionary<string, string>(receiver.Environment, StringComparer.Ordinal) { ["Telemetry:TraceRatio"] = "0" };
        settings.Remove("OTEL_TRACES_SAMPLER");
        return settings;
    }
}
