using System.Text;

namespace OrderFlow.ServiceDefaults.Metrics;

/// <summary>All series of one name, whichever meters they come from: the formats want them in one place.</summary>
internal sealed class MetricFamily(MetricName name, FamilyKind kind, string help)
{
    private readonly Dictionary<string, SeriesLabels> _labels = new(StringComparer.Ordinal);
    private readonly byte[] _textHeader = ExpositionFormat.PrometheusText.Header(name, kind, help);
    private readonly byte[] _openMetricsHeader = ExpositionFormat.OpenMetrics.Header(name, kind, help);

    public string Name => name.Family;

    public FamilyKind Kind => kind;

    public SampleNames SampleNames { get; } = new(name.Family, kind);

    /// <summary>Every name that one of its lines begins with, or could by the standard: nobody else may use them.</summary>
    public IReadOnlyList<string> Names { get; } = kind switch
    {
        FamilyKind.Counter => [name.Family, name.Family + MetricName.Total, name.Family + "_created"],
        FamilyKind.Histogram => [name.Family, .. new[] { "_bucket", "_count", "_sum", "_created" }.Select(suffix => name.Family + suffix)],
        FamilyKind.Info => [name.Family, name.Family + "_info"],
        _ => [name.Family],
    };

    /// <summary>The instruments that write into it.</summary>
    public List<InstrumentSeries> Instruments { get; } = [];

    /// <summary>Series that are shown before anything is recorded for them.</summary>
    public List<ZeroHistogram> Zeros { get; } = [];

    public ReadOnlySpan<byte> Header(ExpositionFormat format) => format == ExpositionFormat.OpenMetrics ? _openMetricsHeader : _textHeader;

    /// <summary>One object per label set, shared by every instrument of the family; it tells a series that appears twice.</summary>
    public SeriesLabels Labels(IEnumerable<KeyValuePair<string, object?>> tags)
    {
        var text = LabelText.Render(tags);
        if (!_labels.TryGetValue(text, out var labels))
        {
            _labels[text] = labels = new SeriesLabels(Encoding.UTF8.GetBytes(text));
        }

        return labels;
    }

    /// <summary>Forgets label sets that are no longer written, once they outnumber those that are.</summary>
    public void Trim(long scrape)
    {
        var live = Instruments.Sum(instrument => instrument.SeriesCount);
        if (_labels.Count <= (2 * live) + 64)
        {
            return;
        }

        foreach (var (text, labels) in _labels)
        {
            if (labels.LastScrape != scrape && !Zeros.Exists(zero => zero.Labels == labels))
            {
                _labels.Remove(text);
            }
        }
    }
}
