using OpenTelemetry.Metrics;

namespace OrderFlow.ServiceDefaults.Metrics;

/// <summary>
/// The exemplars of a histogram's point, dealt out to its buckets. The SDK keeps one a bucket, in the order of the buckets,
/// so both are walked side by side; an exemplar goes behind a bucket only if its value lies within it.
/// </summary>
internal struct BucketExemplars
{
    private readonly bool _any;
    private ReadOnlyExemplarCollection.Enumerator _rest;
    private double _lower;
    private bool _hasCurrent;

    public BucketExemplars(ref readonly MetricPoint point, bool wanted)
    {
        _lower = double.NegativeInfinity;
        if (wanted && point.TryGetExemplars(out var exemplars))
        {
            _any = true;
            _rest = exemplars.GetEnumerator();
            _hasCurrent = _rest.MoveNext();
        }
    }

    /// <summary>Writes the exemplar whose value is above the previous bound and at most <paramref name="upper"/>, if there is one.</summary>
    public void WriteWithin(double upper, ScrapeBuffer buffer)
    {
        if (!_any)
        {
            return;
        }

        // Behind the walk, without a trace or not a number: nobody's.
        while (_hasCurrent && (!ExemplarText.HasTrace(in _rest.Current) || !(_rest.Current.DoubleValue > _lower)))
        {
            _hasCurrent = _rest.MoveNext();
        }

        if (_hasCurrent && _rest.Current.DoubleValue <= upper)
        {
            ExemplarText.Write(buffer, in _rest.Current, isLong: false);
            _hasCurrent = _rest.MoveNext();
        }

        _lower = upper;
    }
}
