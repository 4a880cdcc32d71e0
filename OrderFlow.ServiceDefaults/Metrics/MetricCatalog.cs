using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace OrderFlow.ServiceDefaults.Metrics;

/// <summary>Which family each instrument writes into. First come, first served: a name has one kind, and whoever comes later with another is left out.</summary>
internal sealed class MetricCatalog(ILogger logger)
{
    private readonly Dictionary<Metric, InstrumentSeries?> _instruments = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, MetricFamily> _owners = new(StringComparer.Ordinal);
    private readonly List<MetricFamily> _families = [];
    private readonly HashSet<string> _warned = new(StringComparer.Ordinal);

    public IReadOnlyList<MetricFamily> Families => _families;

    /// <summary>Notes what this scrape collected, and forgets instruments that it did not.</summary>
    public void Update(in Batch<Metric> metrics, long scrape)
    {
        var seen = 0;
        foreach (var metric in metrics)
        {
            seen++;
            if (!_instruments.TryGetValue(metric, out var instrument))
            {
                _instruments[metric] = instrument = Add(metric);
            }

            if (instrument is not null)
            {
                instrument.LastScrape = scrape;
            }
        }

        if (seen != _instruments.Count)
        {
            Forget(metrics, scrape);
        }
    }

    /// <summary>Claims a name that no instrument may take, before any instrument is there.</summary>
    public MetricFamily Reserve(MetricName name, FamilyKind kind, string help) => Claim(new MetricFamily(name, kind, help));

    /// <summary>Shows series from the start, whether or not their instrument has recorded anything.</summary>
    public void ShowFromZero(ZeroSeries zeros)
    {
        var histogram = zeros.Histogram;
        var name = MetricName.Of(histogram.Name, histogram.Unit, FamilyKind.Histogram);
        if (_families.Find(known => known.Name == name.Family) is not { } family)
        {
            family = Claim(new MetricFamily(name, FamilyKind.Histogram, histogram.Description ?? ""));
            _families.Add(family);
        }

        family.Zeros.AddRange(zeros.Series.Select(tags => ZeroHistogram.Of(family, zeros, tags)));
    }

    public void WarnOfDuplicate(MetricFamily family, SeriesLabels labels)
    {
        if (_warned.Add("series of " + family.Name))
        {
            logger.SeriesTaken(family.Name, System.Text.Encoding.UTF8.GetString(labels.Text));
        }
    }

    private InstrumentSeries? Add(Metric metric)
    {
        FamilyKind? kind = metric.MetricType switch
        {
            MetricType.LongSum or MetricType.DoubleSum => FamilyKind.Counter,
            MetricType.Histogram => FamilyKind.Histogram,
            MetricType.ExponentialHistogram => null,
            _ => FamilyKind.Gauge,
        };
        if (kind is null)
        {
            WarnOnce(metric, () => logger.ExponentialHistogramLeftOut(metric.Name, metric.MeterName));
            return null;
        }

        var name = MetricName.Of(metric.Name, metric.Unit, kind.Value);
        var family = new MetricFamily(name, kind.Value, metric.Description ?? "");
        if (_owners.TryGetValue(name.Family, out var owner) && owner.Kind == kind && owner.Name == name.Family)
        {
            family = owner;
        }
        else if (family.Names.FirstOrDefault(_owners.ContainsKey) is { } taken)
        {
            var other = _owners[taken];
            WarnOnce(metric, () => logger.MetricNameTaken(
                metric.Name, metric.MeterName, taken, other.Kind.ToString(), other.Name, kind.Value.ToString()));
            return null;
        }
        else
        {
            _families.Add(Claim(family));
        }

        var instrument = new InstrumentSeries(metric, family);
        family.Instruments.Add(instrument);
        return instrument;
    }

    private MetricFamily Claim(MetricFamily family)
    {
        foreach (var name in family.Names)
        {
            _owners.Add(name, family);
        }

        return family;
    }

    private void Forget(in Batch<Metric> metrics, long scrape)
    {
        var current = new HashSet<Metric>(ReferenceEqualityComparer.Instance);
        foreach (var metric in metrics)
        {
            current.Add(metric);
        }

        // Those left out go, too: the name that they lacked may be free at the next scrape.
        foreach (var metric in _instruments.Where(known => known.Value is null || !current.Contains(known.Key)).Select(known => known.Key).ToList())
        {
            _instruments.Remove(metric);
        }

        foreach (var family in _families)
        {
            family.Instruments.RemoveAll(instrument => instrument.LastScrape != scrape);
        }

        foreach (var family in _families.Where(family => family is { Instruments.Count: 0, Zeros.Count: 0 }).ToList())
        {
            _families.Remove(family);
            foreach (var name in family.Names)
            {
                _owners.Remove(name);
            }
        }
    }

    private void WarnOnce(Metric metric, Action warn)
    {
        if (_warned.Add($"{metric.MeterName}/{metric.Name}"))
        {
            warn();
        }
    }
}
