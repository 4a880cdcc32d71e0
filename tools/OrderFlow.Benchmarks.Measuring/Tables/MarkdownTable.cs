using System.Text;

namespace OrderFlow.Benchmarks.Measuring.Tables;

/// <summary>Writes measurements as tables of Markdown.</summary>
public static class MarkdownTable
{
    private const string Nothing = "-";

    /// <summary>A row per measurement, a column per subject; <c>-</c> where there is no value.</summary>
    public static string Values(Measurements measurements)
    {
        ArgumentNullException.ThrowIfNull(measurements);
        return Write(
            measurements.Rows,
            [.. measurements.Subjects.Select(subject => (subject, Cell(row => measurements.Of(row, subject))))]);
    }

    /// <summary>The same rows as ratios of two subjects within each round.</summary>
    /// <param name="measurements">What was measured.</param>
    /// <param name="pairs">Which subject is divided by which.</param>
    public static string Ratios(Measurements measurements, IReadOnlyList<(string Of, string To)> pairs)
    {
        ArgumentNullException.ThrowIfNull(measurements);
        return Write(
            [.. measurements.Rows.Where(row => pairs.Any(pair => measurements.Ratio(row, pair.Of, pair.To) is not null))],
            [.. pairs.Select(pair => ($"{pair.Of} ÷ {pair.To}", Cell(row => measurements.Ratio(row, pair.Of, pair.To))))]);
    }

    private static Func<string, string> Cell(Func<string, Spread?> spread) => row => spread(row)?.ToString() ?? Nothing;

    private static string Write(IReadOnlyList<string> rows, IReadOnlyList<(string Title, Func<string, string> Cell)> columns)
    {
        var text = new StringBuilder("| |");
        columns.Aggregate(text, (line, column) => line.Append($" {column.Title} |")).Append("\n|---|");
        columns.Aggregate(text, (line, _) => line.Append("---|")).Append('\n');
        foreach (var row in rows)
        {
            columns.Aggregate(text.Append($"| {row} |"), (line, column) => line.Append($" {column.Cell(row)} |")).Append('\n');
        }

        return text.ToString();
    }
}
