using System.Threading.Channels;
using Microsoft.Extensions.Options;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>
/// What was received and is not looked at yet, up to <see cref="MonitorOptions.TelemetryBuffer"/> spans and log lines. A request that comes
/// when it is full is refused at once; nobody waits.
/// </summary>
internal sealed class TelemetryBuffer(IOptions<MonitorOptions> options)
{
    private readonly Channel<TelemetryBatch> _batches = Channel.CreateUnbounded<TelemetryBatch>(new() { SingleReader = true });
    private int _held;

    /// <summary>False when there is no room. Into an empty buffer everything goes, or what is larger than it would never get in.</summary>
    public bool TryAdd(TelemetryBatch batch)
    {
        var before = Interlocked.Add(ref _held, batch.Count) - batch.Count;
        if (before == 0 || before + batch.Count <= options.Value.TelemetryBuffer)
        {
            return _batches.Writer.TryWrite(batch);
        }

        Interlocked.Add(ref _held, -batch.Count);
        return false;
    }

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _batches.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>What came first, up to about <paramref name="most"/> rows. It counts as held until <see cref="Release"/>.</summary>
    public IReadOnlyList<TelemetryBatch> Take(int most)
    {
        var taken = new List<TelemetryBatch>();
        for (var rows = 0; rows < most && _batches.Reader.TryRead(out var batch); rows += batch.Count)
        {
            taken.Add(batch);
        }

        return taken;
    }

    /// <summary>It is taken over, or dropped: there is room for as much again.</summary>
    public void Release(TelemetryBatch batch)
    {
        Interlocked.Add(ref _held, -batch.Count);
        batch.Dispose();
    }
}
