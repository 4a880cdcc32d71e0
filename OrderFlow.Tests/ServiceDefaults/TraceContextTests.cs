using OrderFlow.Tests.Support.Telemetry;

namespace OrderFlow.Tests.ServiceDefaults;

[Collection(LiveTelemetry.Name)]
public sealed class TraceContextTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Span = "b7ad6b7169203331";

    [Theory]
    [InlineData("traceparent", $"00-{Trace}-{Span}-01")]
    [InlineData("traceparent", $"01-{Trace}-{Span}-01")]
    [InlineData("traceparent", $"cc-{Trace}-{Span}-01-what-the-future-will-be-like")]
    [InlineData("b3", $"{Trace}-{Span}-1")]
    [InlineData("b3", $"{Trace}-{Span}-d")]
    [InlineData("b3", $"{Trace}-{Span}-0")]
    [InlineData("b3", $"{Trace}-{Span}")]
    [InlineData("b3", $"{Trace}-{Span}-1-00f067aa0ba902b7")]
    [InlineData("B3", "0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-1")]
    public async Task Trace_of_the_caller_is_continued(string header, string value)
    {
        await using var service = await InstrumentedService.StartAsync();

        (await service.PlaceOrderAsync(headers: (header, value))).ShouldBe(Trace);
    }

    [Fact]
    public async Task Trace_of_B3_in_several_headers_is_continued()
    {
        await using var service = await InstrumentedService.StartAsync();

        (await service.PlaceOrderAsync(headers: [("X-B3-TraceId", Trace), ("X-B3-SpanId", Span), ("X-B3-Sampled", "1")])).ShouldBe(Trace);
        (await service.PlaceOrderAsync(headers: [("X-B3-TraceId", Trace[16..]), ("X-B3-SpanId", Span), ("X-B3-Flags", "1")]))
            .ShouldBe(new string('0', 16) + Trace[16..]);
    }

    [Fact]
    public async Task W3C_wins_over_B3()
    {
        await using var service = await InstrumentedService.StartAsync();

        (await service.PlaceOrderAsync(headers: [("traceparent", $"00-{Trace}-{Span}-01"), ("b3", $"{new string('1', 32)}-{Span}-1")]))
            .ShouldBe(Trace);
    }

    [Theory]
    [InlineData("traceparent", "garbage")]
    [InlineData("traceparent", "00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData("traceparent", "00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01")]
    [InlineData("traceparent", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-and-more-and-more")]
    [InlineData("traceparent", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-and-more")]
    [InlineData("traceparent", "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.and-more")]
    [InlineData("traceparent", "|legacy.1.2.")]
    [InlineData("b3", "garbage")]
    [InlineData("b3", "0")]
    [InlineData("b3", $"{Trace}-0000000000000000-1")]
    [InlineData("b3", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-b7ad6b7169203331-1")]
    [InlineData("X-B3-TraceId", Trace)]
    public async Task Invalid_trace_header_starts_a_new_trace(string header, string value)
    {
        await using var service = await InstrumentedService.StartAsync();

        var trace = await service.PlaceOrderAsync(headers: (header, value));

        trace.Length.ShouldBe(32);
        trace.ShouldAllBe(digit => char.IsAsciiHexDigitLower(digit));
        trace.ShouldNotBe(Trace);
        trace.ShouldNotBe(new string('0', 32));
    }

    [Theory]
    [InlineData("foo=1,bar=2")]
    [InlineData("A=1")]
    public async Task Invalid_tracestate_does_not_end_the_trace(string state)
    {
        await using var service = await InstrumentedService.StartAsync();

        (await service.PlaceOrderAsync(
            headers: [("traceparent", $"00-{Trace}-{Span}-01"), ("tracestate", state), ("tracestate", "more=2")])).ShouldBe(Trace);
    }

    [Fact]
    public async Task Tracestate_of_ten_kilobytes_is_harmless()
    {
        await using var service = await InstrumentedService.StartAsync();

        (await service.PlaceOrderAsync(
            headers: [("traceparent", $"00-{Trace}-{Span}-01"), ("tracestate", new string('=', 10_000))])).Length.ShouldBe(32);
    }
}
