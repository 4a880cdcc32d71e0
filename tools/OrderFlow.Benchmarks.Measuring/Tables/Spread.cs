using System.Globalization;

namespace OrderFlow.Benchmarks.Measuring.Tables;

/// <summary>The middle and the ends of a few values.</summary>
/// <param name="Median">Of an even number of values the mean of the two in the middle.</param>
/// <param name="Lowest">The lowest.</param>
/// <param name="Highest">The highest.</param>
public sealed record Spread(double Median, double Lowest, double Highest)
{
    /// <returns><see langword="null"/> when there is no value.</returns>
    public static Spread? Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0
            ? null
            : new((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, sorted[0], sorted[^1]);
    }

    /// <summary><c>12.3 [11.9-13.0]</c>, or the value alone when there is but one.</summary>
    public override string ToString() => Lowest.Equals(Highest)
        ? Number(Median)
        : $"{Number(Median)} [{Number(Lowest)}-{Number(Highest)}]";

    /// <summary>Three digits that say something.</summary>
    public static string Number(double value) => value.ToString(
        Math.Abs(value) switch
        {
            >= 100 => "0",
            >= 10 => "0.0",
            _ => "0.00",
        }, CultureInfo.InvariantCulture);
}
