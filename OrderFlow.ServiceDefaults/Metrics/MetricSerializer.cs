using System.Text;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace OrderFlow.ServiceDefaults.Metrics;

/// <summary>Writes what the SDK aggregated as a document of either format. Not for use by two threads at once.</summary>
internal sealed class MetricSerializer
{
    private static readonly MetricName Target = new("target", "");

    private readonly MetricCatalog _catalog;
    private readonly MetricFamily _targetInfo;
    private readonly byte[] _targetSample;
    private long _scrape;

    public MetricSerializer(Resource resource, IEnumerable<ZeroSeries> zeros, ILogger logger)
    {
        _catalog = new MetricCatalog(logger);
        _targetInfo = _catalog.Reserve(Target, FamilyKind.Info, "Who is scraped, and in which version.");
        foreach (var series in zeros)
        {
            _catalog.ShowFromZero(series);
        }

        var labels = LabelText.Render(resource.Attributes.Select(attribute => new KeyValuePair<string, object?>(attribute.Key, attribute.Value)));
        _targetSample = Encoding.UTF8.GetBytes(labels.Length > 0 ? $"target_info{{{labels}}} 1\n" : "target_info 1\n");
    }

    public void Write(in Batch<Metric> metrics, ExpositionFormat format, ScrapeBuffer buffer)
    {
        _scrape++;
        _catalog.Update(metrics, _scrape);
        buffer.Clear();
        buffer.Write(_targetInfo.Header(format));
        buffer.Write(_targetSample);
        foreach (var family in _catalog.Families)
        {
            buffer.Write(family.Header(format));
            foreach (var instrument in family.Instruments)
            {
                Write(instrument, format, buffer);
            }

            foreach (var zero in family.Zeros)
            {
                if (zero.Labels.TakeFor(_scrape))
                {
                    buffer.Write(zero.Lines);
                }
            }

            family.Trim(_scrape);
        }

        buffer.Write(format.End);
    }

    private void Write(InstrumentSeries instrument, ExpositionFormat format, ScrapeBuffer buffer)
    {
        var samples = new SampleWriter(buffer, instrument, format == ExpositionFormat.OpenMetrics);
        var position = 0;
        foreach (ref readonly var point in instrument.Metric.GetMetricPoints())
        {
            var labels = instrument.Labels(position++, point.Tags);
            if (labels.TakeFor(_scrape))
            {
                samples.Write(in point, labels);
            }
            else
            {
                _catalog.WarnOfDuplicate(instrument.Family, labels);
            }
        }

        instrument.Keep(position);
    }
}
