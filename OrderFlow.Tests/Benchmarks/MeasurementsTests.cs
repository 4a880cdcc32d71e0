using OrderFlow.Benchmarks.Measuring.Tables;

namespace OrderFlow.Tests.Benchmarks;

public sealed class MeasurementsTests
{
    [Fact]
    public void Table_has_the_median_and_the_range_of_the_rounds()
    {
        var measurements = new Measurements(["bare", "orderflow"]);
        Add(measurements, "orders/s", "bare", 2395, 2377, 2437);
        Add(measurements, "orders/s", "orderflow", 119, 134, 116);
        Add(measurements, "500/s: P50 ms", "bare", 54.21);

        MarkdownTable.Values(measurements).ShouldBe("""
            | | bare | orderflow |
            |---|---|---|
            | orders/s | 2395 [2377-2437] | 119 [116-134] |
            | 500/s: P50 ms | 54.2 | - |

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Ratio_is_taken_within_each_round()
    {
        var measurements = new Measurements(["bare", "orderflow"]);
        // The machine is half as fast in the second round: the ratio of the medians would be 10.
        Add(measurements, "orders/s", "bare", 2000, 1000, 2000);
        Add(measurements, "orders/s", "orderflow", 200, 200, 100);

        measurements.Ratio("orders/s", "bare", "orderflow").ShouldBe(new Spread(10, 5, 20));
        MarkdownTable.Ratios(measurements, [("bare", "orderflow")]).ShouldBe("""
            | | bare ÷ orderflow |
            |---|---|
            | orders/s | 10.0 [5.00-20.0] |

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Rounds_without_both_values_have_no_ratio()
    {
        var measurements = new Measurements(["bare", "orderflow"]);
        measurements.Add("1000/s: P50 ms", "bare", 1, 10);
        measurements.Add("1000/s: P50 ms", "bare", 2, 20);
        measurements.Add("1000/s: P50 ms", "orderflow", 2, 100);
        measurements.Add("1000/s: P50 ms", "orderflow", 3, 5);

        measurements.Ratio("1000/s: P50 ms", "orderflow", "bare").ShouldBe(new Spread(5, 5, 5));
        measurements.Ratio("500/s: P50 ms", "orderflow", "bare").ShouldBeNull();
    }

    [Fact]
    public void A_row_that_only_one_has_stands_where_it_has_it()
    {
        var measurements = new Measurements(["bare", "orderflow"]);
        foreach (var row in new[] { "CPU services", "CPU broker", "commits" })
        {
            measurements.Add(row, "bare", 1, 1);
        }

        foreach (var row in new[] { "CPU services", "CPU monitor", "CPU host", "commits" })
        {
            measurements.Add(row, "orderflow", 1, 1);
        }

        measurements.Rows.ShouldBe(["CPU services", "CPU monitor", "CPU host", "CPU broker", "commits"]);
    }

    [Fact]
    public void Median_of_an_even_number_of_values_is_between_the_two_in_the_middle()
    {
        Spread.Of([4, 1, 3, 2]).ShouldBe(new Spread(2.5, 1, 4));
        Spread.Of([]).ShouldBeNull();
    }

    [Theory]
    [InlineData(2386.4, "2386")]
    [InlineData(12.345, "12.3")]
    [InlineData(0.1049, "0.10")]
    public void Numbers_have_about_three_digits(double number, string expected) => Spread.Number(number).ShouldBe(expected);

    private static void Add(Measurements measurements, string row, string subject, params double[] values)
    {
        foreach (var (round, value) in values.Index())
        {
            measurements.Add(row, subject, round, value);
        }
    }
}
