using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OrderFlow.ServiceDefaults.Metrics;

namespace OrderFlow.Tests.Telemetry.Exposition;

/// <summary>Meters of their own, aggregated by the SDK and written by the serialiser; no HTTP.</summary>
internal sealed class ScrapedMeter : IDisposable
{
    private readonly string _prefix = $"Scraped.{Guid.NewGuid():N}";
    private readonly ConcurrentQueue<string> _warnings = new();
    private readonly ILoggerFactory _logging;
    private readonly ScrapeExporter _exporter;
    private readonly MeterProvider _provider;
    private readonly List<Meter> _meters = [];
    private readonly List<ZeroSeries> _zeros = [];

    public ScrapedMeter(Action<MeterProviderBuilder>? configure = null)
    {
        _logging = LoggerFactory.Create(logging => logging.AddProvider(new WarningQueue(_warnings)));
        _exporter = new ScrapeExporter(TimeProvider.System, _zeros, _logging.CreateLogger<ScrapeExporter>());
        var builder = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddAttributes([new("service.name", "golden")]))
            .AddMeter(_prefix + ".*")
            .SetExemplarFilter(ExemplarFilterType.TraceBased)
            .AddReader(new BaseExportingMetricReader(_exporter));
        configure?.Invoke(builder);
        _provider = builder.Build();
        Meter = NewMeter("main");
    }

    public Meter Meter { get; }

    public IReadOnlyCollection<string> Warnings => _warnings;

    public Meter NewMeter(string name)
    {
        var meter = new Meter($"{_prefix}.{name}");
        _meters.Add(meter);
        return meter;
    }

    /// <summary>Must be called before the first scrape, as a service's container does.</summary>
    public void ShowFromZero(ZeroSeries zeros) => _zeros.Add(zeros);

    /// <summary>The text format without the lines of <c>target_info</c>.</summary>
    public Task<string> TextAsync() => ScrapeAsync(ExpositionFormat.PrometheusText, skip: 3);

    /// <summary>OpenMetrics without the lines of <c>target_info</c>.</summary>
    public Task<string> OpenMetricsAsync() => ScrapeAsync(ExpositionFormat.OpenMetrics, skip: 3);

    public async Task<string> ScrapeAsync(ExpositionFormat format, int skip = 0)
    {
        var text = "";
        (await _exporter.ScrapeAsync(format, gzip: false, document => text = Encoding.UTF8.GetString(document), TestContext.Current.CancellationToken))
            .ShouldBeTrue(string.Join('\n', _warnings));
        return string.Join('\n', text.Split('\n').Skip(skip));
    }

    public void Dispose()
    {
        _meters.ForEach(meter => meter.Dispose());
        _provider.Dispose();
        _exporter.Dispose();
        _logging.Dispose();
    }
}
