using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace OrderFlow.ServiceDefaults.Metrics;

/// <summary>What is remembered of one instrument between scrapes: its family and the rendered labels of its points.</summary>
internal sealed class InstrumentSeries(Metric metric, MetricFamily family)
{
    private readonly List<(KeyValuePair<string, object?>[] Tags, SeriesLabels Labels)> _points = [];
    private byte[][]? _bounds;

    public Metric Metric => metric;

    public MetricFamily Family => family;

    public long LastScrape { get; set; }

    /// <summary>Whether the sum can fall. OpenMetrics then wants neither sum nor count, for both are counters to it.</summary>
    public bool HasNegativeBounds { get; private set; }

    public int SeriesCount => _points.Count;

    /// <summary>
    /// The labels of the point at a position. The SDK keeps a point's tags, boxes included, for as long as the point lives,
    /// so comparing references is enough to see that it is still the same point.
    /// </summary>
    public SeriesLabels Labels(int position, ReadOnlyTagCollection tags)
    {
        if (position < _points.Count && IsSame(tags, _points[position].Tags))
        {
            return _points[position].Labels;
        }

        var copy = Copy(tags);
        var labels = family.Labels(copy);
        if (position < _points.Count)
        {
            _points[position] = (copy, labels);
        }
        else
        {
            _points.Add((copy, labels));
        }

        return labels;
    }

    /// <summary>Drops what is remembered beyond the points that still exist.</summary>
    public void Keep(int points)
    {
        if (points < _points.Count)
        {
            _points.RemoveRange(points, _points.Count - points);
        }
    }

    /// <summary>The bounds as they stand in a bucket's line, e.g. <c>le="0.1"} </c>; all points of an instrument have the same.</summary>
    public byte[][] Bounds(HistogramBuckets buckets)
    {
        if (_bounds is null)
        {
            var bounds = new List<byte[]>();
            foreach (var bucket in buckets)
            {
                bounds.Add(Encoding.UTF8.GetBytes($"le=\"{BucketBound.Canonical(bucket.ExplicitBound)}\"}} "));
                HasNegativeBounds |= bucket.ExplicitBound < 0;
            }

            _bounds = bounds.Count > 0 ? [.. bounds] : ["le=\"+Inf\"} "u8.ToArray()];
        }

        return _bounds;
    }

    private static bool IsSame(ReadOnlyTagCollection tags, KeyValuePair<string, object?>[] known)
    {
        if (tags.Count != known.Length)
        {
            return false;
        }

        var i = 0;
        foreach (var (key, value) in tags)
        {
            if (!ReferenceEquals(key, known[i].Key) || !ReferenceEquals(value, known[i].Value))
            {
                return false;
            }

            i++;
        }

        return true;
    }

    private static KeyValuePair<string, object?>[] Copy(ReadOnlyTagCollection tags)
    {
        var copy = new KeyValuePair<string, object?>[tags.Count];
        var i = 0;
        foreach (var tag in tags)
        {
            copy[i++] = tag;
        }

        return copy;
    }
}
