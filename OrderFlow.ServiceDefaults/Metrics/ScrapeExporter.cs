using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace OrderFlow.ServiceDefaults.Metrics;

/// <summary>
/// Collects the metrics when somebody asks for them. One collection at a time; a scrape that waited for another one's turn
/// shares the result of a collection that began after it arrived, which is as fresh as its own would be.
/// </summary>
[ExportModes(ExportModes.Pull)]
internal sealed class ScrapeExporter(TimeProvider time, IEnumerable<ZeroSeries> zeros, ILogger<ScrapeExporter> logger) : BaseExporter<Metric>, IPullMetricExporter
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ScrapeDocument _text = new(ExpositionFormat.PrometheusText);
    private readonly ScrapeDocument _openMetrics = new(ExpositionFormat.OpenMetrics);
    private MetricSerializer? _serializer;
    private ScrapeDocument? _target;
    private Exception? _failure;

    /// <summary>Set by the SDK's reader: runs a collection, which ends in <see cref="Export"/>.</summary>
    public Func<int, bool>? Collect { get; set; }

    /// <summary>Writes a document with the metrics of now, or nothing when they could not be collected.</summary>
    /// <returns>Whether the document was written; if not, the reason is in the log.</returns>
    public async Task<bool> ScrapeAsync(ExpositionFormat format, bool gzip, Action<ReadOnlySpan<byte>> write, CancellationToken cancellationToken)
    {
        var arrived = time.GetTimestamp();
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var document = format == ExpositionFormat.OpenMetrics ? _openMetrics : _text;
            if (!(document.Began > arrived) && !TryCollect(document))
            {
                return false;
            }

            write(gzip ? document.Compressed() : document.Buffer.Written);
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    public override ExportResult Export(in Batch<Metric> batch)
    {
        if (_target is not { } document)
        {
            // The last collection when the provider shuts down: nobody asked.
            return ExportResult.Success;
        }

        try
        {
            _serializer ??= new MetricSerializer(ParentProvider.GetResource(), zeros, logger);
            _serializer.Write(batch, document.Format, document.Buffer);
            return ExportResult.Success;
        }
        catch (Exception exception)
        {
            // The reader would swallow it; the scrape that asked reports it.
            _failure = exception;
            return ExportResult.Failure;
        }
    }

    private bool TryCollect(ScrapeDocument document)
    {
        var collect = Collect ?? throw new InvalidOperationException(
            "Nothing collects the metrics: the meter provider has not been built or is gone. Is the host still running?");
        document.Begin(time.GetTimestamp());
        (_target, _failure) = (document, null);
        var collected = collect(Timeout.Infinite);
        _target = null;
        if (collected)
        {
            return true;
        }

        document.Fail();
        logger.ScrapeFailed(_failure ?? new InvalidOperationException("The OpenTelemetry reader gave no metrics; is it shutting down?"));
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _turn.Dispose();
            _text.Dispose();
            _openMetrics.Dispose();
        }

        base.Dispose(disposing);
    }
}
