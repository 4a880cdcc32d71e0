using OrderFlow.Cli.CommandLine;

namespace OrderFlow.Tests.Cli.CommandLine;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("30s", 30_000)]
    [InlineData("2m", 120_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("1.5m", 90_000)]
    [InlineData(" 10s ", 10_000)]
    public void A_duration_is_read_as_people_type_it(string text, double milliseconds)
    {
        Durations.TryParse(text, out var duration).ShouldBeTrue();

        duration.TotalMilliseconds.ShouldBe(milliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("s")]
    [InlineData("30 s")]
    [InlineData("-5s")]
    [InlineData("0s")]
    [InlineData("5d")]
    [InlineData("1e3s")]
    [InlineData("1.2.3s")]
    [InlineData("169h")]
    [InlineData("99999999999999999999h")]
    public void A_text_that_is_no_duration_is_refused(string text) => Durations.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData(0.42, "0.42 ms")]
    [InlineData(12.34, "12.3 ms")]
    [InlineData(345.6, "346 ms")]
    [InlineData(1_234, "1.23 s")]
    [InlineData(61_000, "61.0 s")]
    [InlineData(1_200_000, "20.0 min")]
    public void A_latency_is_shown_with_three_digits(double milliseconds, string shown) =>
        Durations.Show(TimeSpan.FromMilliseconds(milliseconds)).ShouldBe(shown);
}
