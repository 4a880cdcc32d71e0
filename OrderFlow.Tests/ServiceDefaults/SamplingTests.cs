using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NSubstitute;
using OpenTelemetry.Trace;
using OrderFlow.ServiceDefaults.Telemetry;
using OrderFlow.Tests.Support.Telemetry;

namespace OrderFlow.Tests.ServiceDefaults;

public sealed class SamplingTests
{
    [Theory]
    [InlineData("Development", null, 1.0)]
    [InlineData("Production", null, 0.1)]
    [InlineData("Staging", null, 0.1)]
    [InlineData("Production", 0.5, 0.5)]
    [InlineData("Development", 0.0, 0.0)]
    public void New_traces_are_sampled_by_ratio(string environment, double? configured, double expected) =>
        Share(Create(environment, configured)).ShouldBe(expected, tolerance: 0.03);

    [Theory]
    [InlineData("always_on", null, 1.0)]
    [InlineData("always_off", null, 0.0)]
    [InlineData("traceidratio", "0.3", 0.3)]
    [InlineData("parentbased_traceidratio", "0.3", 0.3)]
    [InlineData("parentbased_traceidratio", null, 1.0)]
    [InlineData("parentbased_always_off", null, 0.0)]
    [InlineData("Parentbased_Always_On", null, 1.0)]
    public void Standard_sampler_variables_override_the_settings(string sampler, string? argument, double expected) =>
        Share(Create("Production", 0.5, sampler, argument)).ShouldBe(expected, tolerance: 0.03);

    [Fact]
    public void A_callers_decision_is_followed()
    {
        var sampling = Create("Production", 0.0);

        Decision(sampling, parent: ActivityTraceFlags.Recorded).ShouldBe(SamplingDecision.RecordAndSample);
        Decision(Create("Production", 1.0), parent: ActivityTraceFlags.None).ShouldBe(SamplingDecision.RecordOnly);
    }

    [Fact]
    public void Unsampled_spans_are_recorded_in_case_they_fail_unless_KeepErrors_is_off()
    {
        Decision(Create("Production", 0.0), parent: null).ShouldBe(SamplingDecision.RecordOnly);
        Decision(Create("Production", 0.0, keepErrors: false), parent: null).ShouldBe(SamplingDecision.Drop);
        Decision(Create("Production", 1.0, "parentbased_always_off"), parent: null).ShouldBe(SamplingDecision.Drop);
    }

    [Fact]
    public void Client_span_without_a_parent_is_dropped_as_upkeep()
    {
        var (sampling, trace) = (Create("Development", null), ActivityTraceId.CreateRandom());
        var request = new ActivityContext(trace, ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);

        sampling.Sampler.ShouldSample(new SamplingParameters(default, trace, "SELECT outbox", ActivityKind.Client)).Decision.ShouldBe(
            SamplingDecision.Drop);
        sampling.Sampler.ShouldSample(new SamplingParameters(request, trace, "SELECT outbox", ActivityKind.Client)).Decision.ShouldBe(
            SamplingDecision.RecordAndSample);
    }

    [Fact]
    public void Span_within_a_dropped_span_is_dropped_even_if_it_fails()
    {
        var (sampling, trace) = (Create("Development", null), ActivityTraceId.CreateRandom());
        using var probe = new Activity("GET /health") { IsAllDataRequested = false };
        probe.SetIdFormat(ActivityIdFormat.W3C).Start();

        sampling.Sampler.ShouldSample(
            new SamplingParameters(probe.Context, probe.TraceId, "SELECT", ActivityKind.Client)).Decision.ShouldBe(SamplingDecision.Drop);
        var elsewhere = new ActivityContext(trace, ActivitySpanId.CreateRandom(), ActivityTraceFlags.None);
        sampling.Sampler.ShouldSample(new SamplingParameters(elsewhere, trace, "process", ActivityKind.Consumer)).Decision.ShouldBe(
            SamplingDecision.RecordOnly);
    }

    [Theory]
    [InlineData("sometimes", null, "OTEL_TRACES_SAMPLER is 'sometimes'")]
    [InlineData("traceidratio", "2", "OTEL_TRACES_SAMPLER_ARG is '2'")]
    [InlineData("traceidratio", "half", "OTEL_TRACES_SAMPLER_ARG is 'half'")]
    public void Wrong_sampler_variable_is_named_in_the_error(string sampler, string? argument, string message) =>
        Should.Throw<InvalidOperationException>(() => Create("Production", null, sampler, argument)).Message.ShouldStartWith(message);

    [Fact]
    public async Task Wrong_trace_ratio_ends_the_start()
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["Telemetry:TraceRatio"] = "1.5" };

        (await Should.ThrowAsync<OptionsValidationException>(() => InstrumentedService.StartAsync(settings)))
            .Message.ShouldBe(
                "Telemetry:TraceRatio is 1.5, but must be a number from 0 (no trace) to 1 (every trace). Leave it out for the default.");
    }

    private static double Share(TraceSampling sampling)
    {
        const int Traces = 10_000;
        return Enumerable.Range(0, Traces)
            .Count(_ => Decision(sampling, parent: null) == SamplingDecision.RecordAndSample) / (double)Traces;
    }

    private static SamplingDecision Decision(TraceSampling sampling, ActivityTraceFlags? parent)
    {
        var trace = ActivityTraceId.CreateRandom();
        var context = parent is { } flags ? new ActivityContext(trace, ActivitySpanId.CreateRandom(), flags, isRemote: true) : default;
        return sampling.Sampler.ShouldSample(new SamplingParameters(context, trace, "POST", ActivityKind.Server)).Decision;
    }

    private static TraceSampling Create(
        string environment, double? ratio, string? sampler = null, string? argument = null, bool keepErrors = true)
    {
        var host = Substitute.For<IHostEnvironment>();
        host.EnvironmentName.Returns(environment);
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("OTEL_TRACES_SAMPLER", sampler), new("OTEL_TRACES_SAMPLER_ARG", argument)])
            .Build();
        return new TraceSampling(
            configuration, host, Options.Create(new TelemetryOptions { TraceRatio = ratio, KeepErrors = keepErrors }));
    }
}
