using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrderFlow.Monitor.Hosting;
using OrderFlow.Monitor.Ingestion.Telemetry;
using OrderFlow.Tests.Support.Monitor;

namespace OrderFlow.Tests.Monitor.Ingestion.Telemetry;

/// <summary>Which traces are kept, and when that is decided.</summary>
public sealed class TailSamplingTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 5, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Now);

    [Fact]
    public void Failed_and_slow_traces_and_those_that_continue_another_are_kept_when_no_other_is()
    {
        var buffer = Buffer(new MonitorOptions { TraceRatio = 0, TracesPerSecond = 0 });
        var sent = new TelemetrySender();
        buffer.Add(sent.Spans(1, ("a1", 0, 20, "")));
        buffer.Add(sent.Spans(2, ("a1", 0, 20, "error")));
        buffer.Add(sent.Spans(3, ("a1", 0, 20, "link")));
        // None of its spans takes a second; the whole does.
        buffer.Add(sent.Spans(4, ("a1", 0, 20, ""), ("a2", 900, 100, "")));
        buffer.Add(sent.Spans(5, ("a1", 0, 20, ""), ("a2", 900, 99, "")));

        Quiet();
        var decided = buffer.Decide();

        decided.Traces.Select(TelemetrySender.NumberOf).ShouldBe([2, 3, 4]);
        decided.Traces.Select(row => row.Weight).ShouldBe([1, 1, 1]);
        decided.DroppedSpans.ShouldBe(3);
        buffer.Spans.ShouldBe(0);
    }

    [Fact]
    public void Trace_is_decided_when_nothing_has_come_of_it_for_a_while()
    {
        var buffer = Buffer(new MonitorOptions { TraceRatio = 1, TraceQuiet = TimeSpan.FromSeconds(3) });
        var sent = new TelemetrySender();
        buffer.Add(sent.Spans(1, ("a1", 0, 20, "")));
        _time.Advance(TimeSpan.FromSeconds(2));
        buffer.Add(sent.Spans(1, ("a2", 2000, 20, "")));
        _time.Advance(TimeSpan.FromSeconds(2));

        buffer.Decide().Traces.ShouldBeEmpty();
        _time.Advance(TimeSpan.FromSeconds(1));
        buffer.Decide().Traces.ShouldHaveSingleItem().Spans.ShouldBe(2);
    }

    [Fact]
    public void Ratio_keeps_its_share_and_those_stand_for_all()
    {
        var buffer = Buffer(new MonitorOptions { TraceRatio = 0.1, TracesPerSecond = 0 });
        var sent = new TelemetrySender();
        for (var number = 1; number <= 5000; number++)
        {
            buffer.Add(sent.Spans(number, ("a1", 0, 20, "")));
        }

        Quiet();
        var decided = buffer.Decide();

        decided.Traces.Count.ShouldBeInRange(400, 600);
        decided.Traces.Sum(row => (double)row.Weight).ShouldBe(5000, 1);
        (decided.Traces.Count + decided.DroppedSpans).ShouldBe(5000);
    }

    [Fact]
    public void Same_traces_are_chosen_by_whichever_process_decides()
    {
        var (one, other) = (Chosen(), Chosen());

        one.ShouldBe(other);
        one.Count.ShouldBeInRange(200, 400);

        List<int> Chosen()
        {
            var buffer = Buffer(new MonitorOptions { TraceRatio = 0.3, TracesPerSecond = 0 });
            var sent = new TelemetrySender();
            for (var number = 1; number <= 1000; number++)
            {
                buffer.Add(sent.Spans(number, ("a1", 0, 20, "")));
            }

            Quiet();
            return [.. buffer.Decide().Traces.Select(TelemetrySender.NumberOf).Order()];
        }
    }

    [Fact]
    public void At_low_rates_every_trace_is_kept()
    {
        var buffer = Buffer(new MonitorOptions());
        var sent = new TelemetrySender();
        var kept = 0;
        for (var number = 1; number <= 100; number++)
        {
            buffer.Add(sent.Spans(number, ("a1", 0, 20, "")));
            _time.Advance(TimeSpan.FromSeconds(1));
            kept += buffer.Decide().Traces.Count;
        }

        Quiet();
        (kept + buffer.Decide().Traces.Count).ShouldBe(100);
    }

    [Fact]
    public void Of_many_slow_traces_the_slowest_are_kept_and_every_failure()
    {
        var buffer = Buffer(new MonitorOptions { TraceRatio = 0, TracesPerSecond = 0, SlowTracesPerSecond = 2 });
        var sent = new TelemetrySender();
        for (var number = 1; number <= 40; number++)
        {
            buffer.Add(sent.Spans(number, ("a1", 0, 1000 + number, number is 1 or 2 ? "error" : "")));
        }

        Quiet();
        var decided = buffer.Decide();

        // What may be kept of five seconds at once, beside the two that failed.
        decided.Traces.Select(TelemetrySender.NumberOf).Order().ShouldBe([1, 2, .. Enumerable.Range(31, 10)]);
        decided.DroppedSpans.ShouldBe(28);
    }

    [Fact]
    public void Slow_traces_beyond_the_rate_are_kept_as_the_ratio_says_and_stand_for_the_others()
    {
        var buffer = Buffer(new MonitorOptions { TraceRatio = 0.5, TracesPerSecond = 0, SlowTracesPerSecond = 0 });
        var sent = new TelemetrySender();
        for (var number = 1; number <= 200; number++)
        {
            buffer.Add(sent.Spans(number, ("a1", 0, 2000, "")));
        }

        Quiet();
        var decided = buffer.Decide();

        decided.Traces.Count.ShouldBeInRange(60, 140);
        decided.Traces.Sum(trace => trace.Weight).ShouldBe(200, tolerance: 0.01);
    }

    [Fact]
    public void Parts_of_one_slow_trace_are_kept_together_and_count_once()
    {
        var buffer = Buffer(new MonitorOptions { TraceRatio = 0, TracesPerSecond = 0, SlowTracesPerSecond = 0.2 });
        var sent = new TelemetrySender();
        for (var span = 0; span < 2100; span++)
        {
            buffer.Add(sent.Spans(1, ($"{span + 1:x4}", span, 5000, "")));
        }

        buffer.Add(sent.Spans(2, ("a1", 0, 1500, "")));
        Quiet();
        var decided = buffer.Decide();

        // Two parts of the slowest, of which the other has its row.
        decided.Traces.Select(TelemetrySender.NumberOf).ShouldBe([1, 1]);
        decided.Traces.Sum(trace => trace.Spans).ShouldBe(2100);
        decided.Traces.Sum(trace => trace.Weight).ShouldBe(1);
        decided.DroppedSpans.ShouldBe(1);
    }

    [Fact]
    public void Late_spans_follow_their_trace_and_a_late_failure_is_kept()
    {
        var buffer = Buffer(new MonitorOptions { TraceRatio = 0, TracesPerSecond = 0 });
        var sent = new TelemetrySender();
        buffer.Add(sent.Spans(1, ("a1", 0, 20, "error")));
        buffer.Add(sent.Spans(2, ("a1", 0, 20, "")));
        Quiet();
        buffer.Decide().Traces.Select(TelemetrySender.NumberOf).ShouldBe([1]);

        buffer.Add(sent.Spans(1, ("a2", 30, 20, "")));
        buffer.Add(sent.Spans(2, ("a2", 30, 20, "")));
        Quiet();
        var late = buffer.Decide();
        late.Traces.Select(TelemetrySender.NumberOf).ShouldBe([1]);
        // It was counted with its first part.
        late.Traces[0].Weight.ShouldBe(0);

        buffer.Add(sent.Spans(2, ("a3", 60, 20, "error")));
        Quiet();
        buffer.Decide().Traces.Select(TelemetrySender.NumberOf).ShouldBe([2]);
    }

    [Theory]
    [InlineData(10, long.MaxValue)]
    [InlineData(int.MaxValue, 1000)]
    public void Buffer_that_is_full_decides_the_oldest_traces_early(int spans, long bytes)
    {
        var buffer = Buffer(
            new MonitorOptions { TraceRatio = 1, TraceBuffer = spans, TraceBufferBytes = bytes, TraceQuiet = TimeSpan.FromMinutes(1) });
        var sent = new TelemetrySender();
        for (var number = 1; number <= 100; number++)
        {
            buffer.Add(sent.Spans(number, ("a1", 0, 20, "")));
        }

        var decided = buffer.Decide();

        buffer.Spans.ShouldBeInRange(1, 20);
        decided.Traces.Select(TelemetrySender.NumberOf).ShouldBe(Enumerable.Range(1, 100 - buffer.Spans));
    }

    [Fact]
    public void Bytes_of_decided_spans_are_used_again()
    {
        var memory = new SpanMemory();
        var first = memory.Add(new byte[60_000]);
        var second = memory.Add(new byte[60_000]);
        memory.Release(first);
        var third = memory.Add(new byte[60_000]);

        third.Block.ShouldBeSameAs(first.Block);
        second.Block.ShouldNotBeSameAs(first.Block);
        // A block in use is never handed out.
        memory.Add(new byte[60_000]).Block.ShouldNotBeSameAs(second.Block);
    }

    [Fact]
    public void Span_that_is_sent_again_is_held_and_counted_once()
    {
        var statistics = new OperationStatistics(_time);
        var buffer = new TraceBuffer(statistics, Options.Create(new MonitorOptions { TraceRatio = 1 }), _time);
        var sent = new TelemetrySender();
        var many = Enumerable.Range(1, 100).Select(number => ($"{number:x2}", 0, 20, "")).ToArray();
        buffer.Add(sent.Spans(1, many));
        buffer.Add(sent.Spans(1, many));

        Quiet();
        buffer.Decide().Traces.ShouldHaveSingleItem().Spans.ShouldBe(100);
        statistics.Take().Sum(row => row.Count).ShouldBe(100);
    }

    [Fact]
    public void Warnings_are_kept_of_traces_that_are_not_and_an_error_keeps_its_trace()
    {
        var buffer = Buffer(new MonitorOptions { TraceRatio = 0, TracesPerSecond = 0 });
        var sent = new TelemetrySender();
        buffer.Add(sent.Spans(1, ("a1", 0, 20, "")));
        buffer.Add(sent.Lines((1, 9), (1, 13), (0, 9)));
        buffer.Add(sent.Spans(2, ("a1", 0, 20, "")));
        buffer.Add(sent.Lines((2, 9), (2, 17)));

        Quiet();
        var decided = buffer.Decide();

        decided.Traces.Select(TelemetrySender.NumberOf).ShouldBe([2]);
        decided.Logs.Select(line => line.Severity).Order().ShouldBe([(short)9, (short)9, (short)13, (short)17]);
    }

    private TraceBuffer Buffer(MonitorOptions options) => new(new OperationStatistics(_time), Options.Create(options), _time);

    private void Quiet() => _time.Advance(TimeSpan.FromSeconds(3));
}
