using OrderFlow.Benchmarks.Measuring.Latencies;

namespace OrderFlow.Tests.Benchmarks;

public sealed class LatencySummaryTests
{
    [Fact]
    public void Percentiles_are_latencies_that_occurred_in_milliseconds()
    {
        // 1 ms to 200 ms, backwards.
        var micros = Enumerable.Range(1, 200).Reverse().Select(millisecond => millisecond * 1000L).ToArray();

        LatencySummary.Of(micros).ShouldBe(new LatencySummary(200, 100, 198, 200));
    }

    [Fact]
    public void P99_of_few_latencies_is_the_longest()
    {
        LatencySummary.Of([3000, 1000, 2500]).ShouldBe(new LatencySummary(3, 2.5, 3, 3));
    }

    [Fact]
    public void Nothing_comes_to_zeros()
    {
        LatencySummary.Of([]).ShouldBe(new LatencySummary(0, 0, 0, 0));
    }

    [Fact]
    public void Recorder_keeps_more_than_it_has_room_for_at_first_and_forgets_them_at_a_reset()
    {
        var recorder = new LatencyRecorder();
        var now = LatencyRecorder.Now;
        Parallel.For(0, 100_000, _ => recorder.Add(now));

        recorder.Count.ShouldBe(100_000);
        recorder.Summarize().Count.ShouldBe(100_000);

        recorder.Reset();
        recorder.Summarize().ShouldBe(new LatencySummary(0, 0, 0, 0));
        recorder.Total.ShouldBe(100_000);
    }
}
