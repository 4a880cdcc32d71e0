using OrderFlow.ServiceDefaults.Metrics;

namespace OrderFlow.Tests.Telemetry.Exposition;

public sealed class BucketBoundTests
{
    /// <summary>The first lines are the standard's own list of canonical numbers.</summary>
    [Theory]
    [InlineData(0.0, "0.0")]
    [InlineData(1e-10, "1e-10")]
    [InlineData(1e-09, "1e-09")]
    [InlineData(1e-05, "1e-05")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.1, "0.1")]
    [InlineData(1, "1.0")]
    [InlineData(100000, "100000.0")]
    [InlineData(1e6, "1e+06")]
    [InlineData(1e10, "1e+10")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(2.5, "2.5")]
    [InlineData(-0.5, "-0.5")]
    [InlineData(1234567.5, "1.2345675e+06")]
    [InlineData(1.5e-7, "1.5e-07")]
    [InlineData(1e100, "1e+100")]
    [InlineData(0.30000000000000004, "0.30000000000000004")]
    public void A_bound_is_written_canonically(double bound, string text) => BucketBound.Canonical(bound).ShouldBe(text);

    [Fact]
    public void A_bound_reads_back_as_itself()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 10_000; i++)
        {
            var bound = (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-300, 300));
            OpenMetricsNumber.Bound(BucketBound.Canonical(bound)).ShouldBe(bound, $"seed {seed}");
        }
    }
}
