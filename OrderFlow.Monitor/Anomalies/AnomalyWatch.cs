using System.Text.Json;
using Microsoft.Extensions.Options;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Anomalies;

/// <summary>Has every detector look, and remembers what it says.</summary>
internal sealed class AnomalyWatch(
    SeriesReader series, IOptions<AnomalyOptions> options, MonitorInstruments instruments, TimeProvider time, ILogger<AnomalyWatch> logger)
{
    /// <summary>Values that are kept with what is said of them.</summary>
    private const int MostValues = 60;

    /// <summary>Series of one detector that are judged: what has more is asked in a wrong way.</summary>
    private const int MostSeries = 200;

    private readonly Dictionary<(string Detector, string Labels), DateTimeOffset> _since = [];
    private volatile AnomalyList _last = new(null, [], null);

    public AnomalyList Last => _last;

    /// <summary>Nothing is watched, and why.</summary>
    public void Fail(string problem) => _last = _last with { Problem = problem };

    /// <summary>Looks once. A question that Prometheus does not answer keeps none of the others from being asked.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (watched, problems) = (new List<WatchedSeries>(), new List<string>());
        foreach (var detector in options.Value.Detectors)
        {
            try
            {
                var found = await series.ReadAsync(detector, now, options.Value.Period, cancellationToken);
                watched.AddRange(
                    found.Take(MostSeries).Select(one => Judge(detector, one.Labels, one.History, now)).OfType<WatchedSeries>());
            }
            catch (Exception exception) when (
                exception is HttpRequestException or JsonException or IOException or KeyNotFoundException or FormatException
                || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                problems.Add(detector.Name);
                Log.DetectorFailed(logger, detector.Name, exception);
            }
        }

        Forget(watched);
        _last = new AnomalyList(
            now, [.. watched.OrderByDescending(one => one.Anomalous).ThenByDescending(one => one.Score)],
            problems.Count == 0 ? null : $"Prometheus did not answer what {string.Join(", ", problems)} asked.");
    }

    private WatchedSeries? Judge(DetectorOptions detector, string labels, SeriesHistory history, DateTimeOffset now)
    {
        if (new Detector(detector).Judge(history, now, options.Value.Period) is not { } verdict)
        {
            return null;
        }

        var key = (detector.Name, labels);
        if (verdict.IsAnomalous && _since.TryAdd(key, now))
        {
            Log.Anomaly(logger, detector.Title, labels, verdict.Value, verdict.Expected, verdict.Score);
        }
        else if (!verdict.IsAnomalous)
        {
            _since.Remove(key);
        }

        instruments.Anomaly(detector.Name, labels, verdict.IsAnomalous, verdict.Score);
        return new WatchedSeries(
            detector.Name, detector.Title, JsonNamingPolicy.CamelCase.ConvertName(detector.Kind.ToString()), labels, detector.Unit,
            verdict.IsAnomalous, _since.TryGetValue(key, out var since) ? since : null, Math.Min(verdict.Score, 1e9), verdict.Value,
            verdict.Expected,
            [.. history.Recent.Where(sample => double.IsFinite(sample.Value)).TakeLast(MostValues)
                .Select(sample => new WatchedValue(sample.At, sample.Value))]);
    }

    /// <summary>What is not there any more is no anomaly.</summary>
    private void Forget(List<WatchedSeries> watched)
    {
        var there = watched.Select(one => (one.Detector, one.Labels)).ToHashSet();
        foreach (var gone in _since.Keys.Where(key => !there.Contains(key)).ToList())
        {
            _since.Remove(gone);
            instruments.Anomaly(gone.Detector, gone.Labels, isAnomalous: false, score: 0);
        }
    }
}
