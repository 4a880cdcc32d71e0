using OpenTelemetry.Metrics;

namespace OrderFlow.ServiceDefaults.Metrics;

/// <summary>Writes the lines of an instrument's points.</summary>
internal readonly struct SampleWriter(ScrapeBuffer buffer, InstrumentSeries instrument, bool openMetrics)
{
    private readonly SampleNames _names = instrument.Family.SampleNames;

    public void Write(ref readonly MetricPoint point, SeriesLabels labels)
    {
        if (instrument.Metric.MetricType == MetricType.Histogram)
        {
            WriteHistogram(in point, labels);
            return;
        }

        Begin(_names.Value, labels);
        switch (instrument.Metric.MetricType)
        {
            case MetricType.LongSum or MetricType.LongSumNonMonotonic:
                buffer.Write(point.GetSumLong());
                break;
            case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic:
                buffer.Write(point.GetSumDouble());
                break;
            case MetricType.LongGauge:
                buffer.Write(point.GetGaugeLastValueLong());
                break;
            default:
                buffer.Write(point.GetGaugeLastValueDouble());
                break;
        }

        // The standard allows exemplars on buckets and on counters, not on gauges.
        if (openMetrics && instrument.Family.Kind == FamilyKind.Counter)
        {
            ExemplarText.WriteNewest(buffer, in point, instrument.Metric.MetricType == MetricType.LongSum);
        }

        buffer.Write((byte)'\n');
    }

    private void WriteHistogram(ref readonly MetricPoint point, SeriesLabels labels)
    {
        var buckets = point.GetHistogramBuckets();
        var bounds = instrument.Bounds(buckets);
        var total = 0L;
        var bucketIndex = 0;
        var exemplars = new BucketExemplars(in point, openMetrics);
        foreach (var bucket in buckets)
        {
            total += bucket.BucketCount;
            BeginBucket(labels, bounds[bucketIndex++]);
            buffer.Write(total);
            exemplars.WriteWithin(bucket.ExplicitBound, buffer);
            buffer.Write((byte)'\n');
        }

        if (bucketIndex == 0)
        {
            // An instrument advised to have no boundaries still has the bucket of everything.
            total = point.GetHistogramCount();
            BeginBucket(labels, bounds[0]);
            buffer.Write(total);
            buffer.Write((byte)'\n');
        }

        if (instrument.HasNegativeBounds && openMetrics)
        {
            return;
        }

        Begin(_names.Sum, labels);
        buffer.Write(point.GetHistogramSum());
        buffer.Write((byte)'\n');
        Begin(_names.Count, labels);
        buffer.Write(total);
        buffer.Write((byte)'\n');
    }

    private void Begin(byte[] name, SeriesLabels labels)
    {
        buffer.Write(name);
        if (labels.Text.Length > 0)
        {
            buffer.Write((byte)'{');
            buffer.Write(labels.Text);
            buffer.Write((byte)'}');
        }

        buffer.Write((byte)' ');
    }

    private void BeginBucket(SeriesLabels labels, byte[] bound)
    {
        buffer.Write(_names.Bucket);
        buffer.Write((byte)'{');
        if (labels.Text.Length > 0)
        {
            buffer.Write(labels.Text);
            buffer.Write((byte)',');
        }

        buffer.Write(bound);
    }
}
