namespace OrderFlow.Monitor.Latency;

/// <summary>
/// Stage reports of the last minutes, shared by all viewers: made when somebody asks and the last one is not fresh any more, one at a
/// time.
/// </summary>
internal sealed class StageReports(LedgerReader ledgers, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<TimeSpan, (long At, StageReport Report)> _last = [];

    /// <summary>The longest window, in minutes.</summary>
    public static int Longest { get; } = (int)LatencyWindow.All.Max(window => window.Length).TotalMinutes;

    public async Task<StageReport> ReadAsync(int minutes, CancellationToken cancellationToken)
    {
        var length = TimeSpan.FromMinutes(minutes);
        // Its slots are those of the charts beside it.
        var window = new LatencyWindow($"{minutes}m", length, LatencyWindow.All.First(known => known.Length >= length).Step);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_last.TryGetValue(length, out var last) && time.GetElapsedTime(last.At) < window.Freshness)
            {
                return last.Report;
            }

            var report = await CollectAsync(window, cancellationToken);
            _last[length] = (time.GetTimestamp(), report);
            return report;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<StageReport> CollectAsync(LatencyWindow window, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var sample = await ledgers.SampleAsync(window.SlotOf(now - window.Length) + window.Step, now, cancellationToken);
        return StageReport.Of(sample, await ledgers.OwnersAsync(sample.Ledgers, cancellationToken), window, now);
    }
}
