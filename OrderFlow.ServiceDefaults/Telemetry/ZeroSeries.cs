using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace OrderFlow.ServiceDefaults.Telemetry;

/// <summary>
/// Series of a histogram that <c>/metrics</c> shows with zeros until something is recorded for them. Otherwise a series would appear with
/// its first value, and Prometheus, which then sees no increase, would leave the first failure out of every rate. A counter needs none: it
/// adds 0 when it is created. Register it as a singleton.
/// </summary>
public sealed class ZeroSeries
{
    private const string End = "# EOF\n";

    private readonly string _name;
    private readonly string _help;
    private readonly string[] _labels;
    private readonly double[] _bounds;
    private readonly Func<bool> _isShown;

    /// <param name="histogram">The instrument; it must be in seconds, be described, and advise its bucket boundaries.</param>
    /// <param name="series">The tags, at least one, of each series that is sure to matter.</param>
    public ZeroSeries(Histogram<double> histogram, params KeyValuePair<string, object?>[][] series)
        : this(histogram.Name, histogram.Description ?? "", histogram.Advice?.HistogramBucketBoundaries ?? [], series, static () => true)
    {
        if (histogram is not { Unit: "s", Description.Length: > 0, Advice.HistogramBucketBoundaries: not null }
            || series.Any(tags => tags.Length == 0))
        {
            throw new ArgumentException(
                $"Histogram '{histogram.Name}' has no zero series without unit 's', a description, advised bucket boundaries and tags.",
                nameof(histogram));
        }
    }

    /// <summary>The same of a histogram that does not exist all the time.</summary>
    /// <param name="name">The instrument's name; its unit is seconds.</param>
    /// <param name="description">What it measures.</param>
    /// <param name="bounds">Its bucket boundaries, in seconds.</param>
    /// <param name="series">The tags, at least one, of each series that is sure to matter.</param>
    /// <param name="isShown">Whether this replica shows the histogram at present; asked at each scrape.</param>
    public ZeroSeries(
        string name, string description, IReadOnlyList<double> bounds, KeyValuePair<string, object?>[][] series, Func<bool> isShown)
    {
        (_name, _help, _bounds, _isShown) =
            ($"{name.Replace('.', '_')}_seconds", description, [.. bounds, double.PositiveInfinity], isShown);
        // The exporter writes a series' labels in the order of their names.
        _labels = [
            .. series.Select(tags =>
                string.Join(',', tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}=\"{tag.Value}\"")))];
    }

    /// <summary>
    /// The document with a zero for each series that it lacks; in Prometheus' text format or, when it has an end mark, in OpenMetrics.
    /// </summary>
    internal string InsertInto(string document)
    {
        if (!_isShown())
        {
            return document;
        }

        var openMetrics = document.EndsWith(End, StringComparison.Ordinal);
        var zeros = new StringBuilder();
        foreach (var labels in _labels.Where(labels => !document.Contains($"\n{_name}_count{{{labels}}} ", StringComparison.Ordinal)))
        {
            foreach (var bound in _bounds)
            {
                zeros.Append(CultureInfo.InvariantCulture, $"{_name}_bucket{{{labels},le=\"{Text(bound, openMetrics)}\"}} 0\n");
            }

            zeros.Append(CultureInfo.InvariantCulture, $"{_name}_sum{{{labels}}} 0\n{_name}_count{{{labels}}} 0\n");
        }

        if (document.IndexOf($"\n# HELP {_name} ", StringComparison.Ordinal) is var help and >= 0)
        {
            // Nothing may stand between the series of a family; its help is the line before its first.
            return document.Insert(document.IndexOf('\n', help + 1) + 1, zeros.ToString());
        }

        var unit = openMetrics ? $"# UNIT {_name} seconds\n" : "";
        return document.Insert(
            document.Length - (openMetrics ? End.Length : 0), $"# TYPE {_name} histogram\n{unit}# HELP {_name} {_help}\n{zeros}");
    }

    /// <summary>A bound as the exporter writes it: OpenMetrics wants <c>1.0</c> where the text format has <c>1</c>.</summary>
    private static string Text(double bound, bool openMetrics) =>
        double.IsPositiveInfinity(bound)
            ? "+Inf"
            : bound.ToString(openMetrics && double.IsInteger(bound) ? "0.0" : "R", CultureInfo.InvariantCulture);
}
