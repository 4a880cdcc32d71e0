using OrderFlow.Cli.Reporting;

namespace OrderFlow.Tests.Cli.Reporting;

public sealed class LatencyComparisonTests
{
    [Theory]
    [InlineData(100, 100, true)]
    [InlineData(125, 40, true)] // A quarter above the time before is noise, however even that was.
    [InlineData(126, 100, false)]
    [InlineData(100, 126, false)]
    public void P99_during_and_after_the_outage_may_be_a_quarter_above_P99_before(double away, double after, bool isNoise) =>
        Compare(away, after, highestSlice: 110).IsWithinNoise.ShouldBe(isNoise);

    [Fact]
    public void P99_up_to_the_highest_slice_of_the_time_before_is_noise()
    {
        Compare(away: 200, after: 150, highestSlice: 200).IsWithinNoise.ShouldBe(true);
        Compare(away: 200.1, after: 150, highestSlice: 200).IsWithinNoise.ShouldBe(false);
    }

    [Theory]
    [InlineData(599, 1000, 1000)]
    [InlineData(1000, 99, 1000)]
    [InlineData(1000, 1000, 99)]
    public void Too_few_orders_give_no_answer(long before, long away, long after) =>
        (Compare(500, 500, 100) with
        {
            Before = Latencies(100, before),
            Away = Latencies(500, away),
            After = Latencies(500, after),
        }).IsWithinNoise.ShouldBeNull();

    private static LatencyComparison Compare(double away, double after, double highestSlice) => new()
    {
        Before = Latencies(100, 6000),
        Away = Latencies(away, 6000),
        After = Latencies(after, 6000),
        CatchingUp = Latencies(10_000, 50),
        SlicesP99Ms = [90, 95, highestSlice, 92, null, 100],
    };

    private static LatencySummary Latencies(double p99, long count) =>
        new(count, P50Ms: 10, P95Ms: 50, P99Ms: p99, P999Ms: 1000, MaxMs: 2000);
}
