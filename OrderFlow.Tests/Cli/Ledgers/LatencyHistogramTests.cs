using OrderFlow.Cli.Ledgers;

namespace OrderFlow.Tests.Cli.Ledgers;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Quantiles_are_those_of_the_sorted_latencies_within_a_thousandth()
    {
        var random = new Random(20260102);
        var latencies = Enumerable.Range(0, 50_000).Select(_ => (long)Math.Exp(random.NextDouble() * 20)).ToArray();
        var histogram = Of(latencies);
        Array.Sort(latencies);

        foreach (var quantile in (double[])[0, 0.001, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 1])
        {
            var exact = latencies[Math.Max(1, (int)Math.Ceiling(quantile * latencies.Length)) - 1];
            var found = histogram.Quantile(quantile)!.Value.TotalMicroseconds;

            found.ShouldBeGreaterThanOrEqualTo(exact, $"quantile {quantile}");
            found.ShouldBeLessThanOrEqualTo(exact * 1.001, $"quantile {quantile}");
        }

        histogram.Max.TotalMicroseconds.ShouldBe(latencies[^1]);
        histogram.Count.ShouldBe(50_000);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2047)]
    [InlineData(2048)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(1_000_000)]
    [InlineData(86_400_000_000)]
    public void A_single_latency_is_every_quantile(long micros)
    {
        var histogram = Of(micros);

        histogram.Quantile(0)!.Value.TotalMicroseconds.ShouldBe(micros);
        histogram.Quantile(0.5)!.Value.TotalMicroseconds.ShouldBe(micros);
        histogram.Quantile(1)!.Value.TotalMicroseconds.ShouldBe(micros);
    }

    [Fact]
    public void One_outlier_in_a_hundred_is_beyond_P99_and_is_the_maximum()
    {
        var histogram = Of([.. Enumerable.Repeat(1_000L, 99), 5_000_000]);

        histogram.Quantile(0.99)!.Value.ShouldBe(TimeSpan.FromMilliseconds(1));
        histogram.Quantile(0.991)!.Value.ShouldBe(TimeSpan.FromSeconds(5));
        histogram.Max.ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void An_empty_histogram_has_no_quantile() => new LatencyHistogram().Quantile(0.5).ShouldBeNull();

    [Fact]
    public void A_latency_beyond_all_bounds_is_kept_at_the_bound() =>
        Of(long.MaxValue).Quantile(1)!.Value.TotalDays.ShouldBeGreaterThan(100);

    [Fact]
    public void A_negative_latency_is_an_error() => Should.Throw<ArgumentOutOfRangeException>(() => new LatencyHistogram().Record(-1));

    private static LatencyHistogram Of(params long[] latencies)
    {
        var histogram = new LatencyHistogram();
        foreach (var micros in latencies)
        {
            histogram.Record(micros);
        }

        return histogram;
    }
}
