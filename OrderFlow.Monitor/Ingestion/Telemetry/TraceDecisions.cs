namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>What was decided about the traces of the last minutes, so that late spans follow their traces.</summary>
internal sealed class TraceDecisions
{
    /// <summary>Traces that are remembered: a minute and a half at 1,200 orders/s, in about 8 MiB.</summary>
    private const int Most = 100_000;

    private readonly Dictionary<UInt128, bool> _kept = [];
    private readonly Queue<UInt128> _order = [];

    public void Remember(UInt128 trace, bool isKept)
    {
        if (_kept.TryAdd(trace, isKept))
        {
            _order.Enqueue(trace);
        }
        else
        {
            // Dropped first and kept for what came late, never the other way round.
            _kept[trace] |= isKept;
        }

        while (_order.Count > Most)
        {
            _kept.Remove(_order.Dequeue());
        }
    }

    /// <returns><see langword="null"/> when nothing was decided, or it is forgotten.</returns>
    public bool? Of(UInt128 trace) => _kept.TryGetValue(trace, out var isKept) ? isKept : null;
}
