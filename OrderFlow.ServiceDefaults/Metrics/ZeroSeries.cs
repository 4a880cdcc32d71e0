using System.Diagnostics.Metrics;

namespace OrderFlow.ServiceDefaults.Metrics;

/// <summary>
/// Series of a histogram that <c>/metrics</c> shows with zeros until something is recorded for them. Without it a series would
/// appear with its first value, and Prometheus, which then sees no increase, would leave the first order out of every rate.
/// Register it as a singleton.
/// </summary>
/// <param name="histogram">The instrument; it must advise its bucket boundaries.</param>
/// <param name="series">The tags of each series that is sure to matter.</param>
public sealed class ZeroSeries(Histogram<double> histogram, params KeyValuePair<string, object?>[][] series)
{
    private readonly IReadOnlyList<double> _bounds = histogram.Advice?.HistogramBucketBoundaries
        ?? throw new ArgumentException($"Histogram '{histogram.Name}' advises no bucket boundaries, so its zeros have no buckets.", nameof(histogram));

    internal Histogram<double> Histogram => histogram;

    internal IReadOnlyList<KeyValuePair<string, object?>[]> Series => series;

    /// <summary>The upper bounds as they stand in a bucket's line.</summary>
    internal IEnumerable<string> Bounds => _bounds.Append(double.PositiveInfinity).Select(BucketBound.Canonical);
}
