using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NSubstitute;
using OrderFlow.ServiceDefaults.Telemetry;
using OrderFlow.ServiceDefaults.Tracing;

namespace OrderFlow.Tests.ServiceDefaults;

public sealed class HttpEdgePropagatorTests
{
    private const string Ids = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";

    [Theory]
    [InlineData($"{Ids}-1", 0.0, $"00-{Ids}-01")]
    [InlineData($"{Ids}-d", 0.0, $"00-{Ids}-01")]
    [InlineData($"{Ids}-0", 1.0, $"00-{Ids}-00")]
    [InlineData(Ids, 0.0, $"00-{Ids}-00")]
    [InlineData(Ids, 1.0, $"00-{Ids}-01")]
    [InlineData("8448eb211c80319c-b7ad6b7169203331-1", 1.0, "00-00000000000000008448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("garbage", 1.0, null)]
    public void B3_sampling_decision_is_kept_and_a_deferred_one_is_made_by_the_ratio(string b3, double ratio, string? traceparent) =>
        Extract(ratio, ("b3", b3)).TraceParent.ShouldBe(traceparent);

    [Theory]
    [InlineData("1", null, "01")]
    [InlineData("true", null, "01")]
    [InlineData("0", null, "00")]
    [InlineData("0", "1", "01")]
    [InlineData(null, null, "00")]
    public void B3_in_several_headers_gives_the_same_context_as_the_single_header(string? sampled, string? flags, string expected) =>
        Extract(0, ("X-B3-TraceId", Ids[..32]), ("X-B3-SpanId", Ids[33..]), ("X-B3-Sampled", sampled), ("X-B3-Flags", flags))
            .TraceParent.ShouldBe($"00-{Ids}-{expected}");

    [Fact]
    public void W3C_context_keeps_its_tracestate_and_an_invalid_traceparent_is_not_replaced_by_B3()
    {
        Extract(1, ("traceparent", $"00-{Ids}-01"), ("tracestate", "vendor=1")).ShouldBe(($"00-{Ids}-01", "vendor=1"));
        Extract(1, ("traceparent", "garbage"), ("b3", Ids)).ShouldBe((null, null));
    }

    private static (string? TraceParent, string? TraceState) Extract(double ratio, params (string Name, string? Value)[] headers)
    {
        var sampling = new TraceSampling(
            new ConfigurationBuilder().Build(), Substitute.For<IHostEnvironment>(),
            Options.Create(new TelemetryOptions { TraceRatio = ratio }));
        new HttpEdgePropagator(sampling.Root).ExtractTraceIdAndState(
            headers,
            (object? carrier, string field, out string? value, out IEnumerable<string>? values) =>
            {
                values = null;
                value =
                    Array.Find(
                        ((string Name, string? Value)[])carrier!,
                        header => header.Name.Equals(field, StringComparison.OrdinalIgnoreCase)).Value;
            },
            out var traceParent,
            out var traceState);
        return (traceParent, traceState);
    }
}
