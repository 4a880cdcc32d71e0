using Microsoft.Extensions.Options;
using OrderFlow.Monitor.Hosting;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>
/// Spans and log lines by trace, until a trace is quiet and it is decided whether it is kept. Bounded: when it holds too much, the traces
/// that were quiet for longest are decided early. One thread fills it; whoever looks at a trace sees what has come of it.
/// </summary>
internal sealed class TraceBuffer(OperationStatistics statistics, IOptions<MonitorOptions> options, TimeProvider time)
{
    /// <summary>OpenTelemetry's number for a warning: those are stored whatever becomes of their trace.</summary>
    private const int Warning = 13;

    private const int Error = 17;

    /// <summary>Bytes and spans of one trace; what has more is decided at once, and goes on as another part.</summary>
    private const int LargestTrace = 1024 * 1024;
    private const int MostSpansOfTrace = 2000;

    /// <summary>A trace that is never quiet is decided then, and again.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, BufferedTrace> _traces = [];
    private readonly LinkedList<BufferedTrace> _byLastSpan = [];
    private readonly SpanMemory _memory = new();
    private readonly TraceDecisions _decisions = new();
    private readonly TailSampler _sampler = new(options.Value, time);
    private readonly TraceRowWriter _writer = new();
    private List<BufferedTrace> _full = [];
    private List<LogSlice> _lines = [];
    private int _spans;
    private long _bytes;

    public bool IsEmpty => _traces.Count == 0 && _full.Count == 0 && _lines.Count == 0;

    /// <summary>Spans that wait for a decision.</summary>
    public int Spans => _spans;

    /// <summary>Takes what a request brought, and counts its spans.</summary>
    public void Add(TelemetryBatch batch)
    {
        using var exclusive = _gate.EnterScope();
        var now = time.GetTimestamp();
        statistics.Begin();
        try
        {
            foreach (var span in batch.Spans)
            {
                AddSpan(span, now);
            }
        }
        finally
        {
            statistics.End();
        }

        foreach (var line in batch.Logs)
        {
            AddLine(line, now);
        }
    }

    /// <summary>Decides the traces that are quiet, and those that are too many.</summary>
    /// <param name="all">Every trace, because the service stops.</param>
    /// <returns>What is to be stored.</returns>
    public DecidedTelemetry Decide(bool all = false)
    {
        using var exclusive = _gate.EnterScope();
        var (decided, now) = (_full, time.GetTimestamp());
        _full = [];
        while (_byLastSpan.First?.Value is { } oldest && (all || IsOver(oldest, now) || IsTooMuch))
        {
            decided.Add(oldest);
            Remove(oldest);
        }

        var (rows, lines) = (new List<TraceRow>(), _lines.Select(LogRow.Of).OfType<LogRow>().ToList());
        _lines = [];
        var (dropped, invalid) = Decide(decided, rows, lines);
        foreach (var trace in decided)
        {
            trace.Release(_memory);
        }

        return new DecidedTelemetry(rows, lines, dropped, invalid);
    }

    /// <summary>What has come of a trace that is not decided; <see langword="null"/> when nothing has.</summary>
    public TraceRow? Find(UInt128 id)
    {
        using var exclusive = _gate.EnterScope();
        return _traces.TryGetValue(id, out var trace) ? _writer.Write(trace, weight: 0) : null;
    }

    private bool IsTooMuch => _spans > options.Value.TraceBuffer || _bytes > options.Value.TraceBufferBytes;

    private bool IsOver(BufferedTrace trace, long now) => time.GetElapsedTime(trace.LastAt, now) >= options.Value.TraceQuiet;

    /// <returns>How many spans are not kept, and how many cannot be read.</returns>
    private (int Dropped, int Invalid) Decide(List<BufferedTrace> decided, List<TraceRow> rows, List<LogRow> lines)
    {
        var (slow, ordinary, dropped, invalid) = (new List<BufferedTrace>(), new List<BufferedTrace>(), 0, 0);
        foreach (var trace in decided)
        {
            var before = _decisions.Of(trace.Id);
            if (trace.Spans.Count == 0)
            {
                // Lines alone decide nothing: the spans may come yet.
                AddLines(trace, before == true ? 0 : Warning);
            }
            else if (before == true || trace.IsFailed)
            {
                Keep(trace, weight: before == true ? 0 : 1);
            }
            else if (_sampler.IsSlow(trace))
            {
                slow.Add(trace);
            }
            else if (before is null)
            {
                ordinary.Add(trace);
            }
            else
            {
                Drop(trace);
            }
        }

        var slowest = _sampler.ChooseSlow(slow);
        foreach (var trace in slowest)
        {
            KeepOnce(trace, weight: 1);
        }

        Sample([.. slow.Except(slowest)], isSlow: true);
        Sample(ordinary, isSlow: false);
        return (dropped, invalid);

        void Sample(List<BufferedTrace> traces, bool isSlow)
        {
            List<BufferedTrace> undecided = traces.FindAll(trace => _decisions.Of(trace.Id) is null);
            var (kept, weight) = _sampler.Choose(undecided, isSlow);
            foreach (var trace in kept)
            {
                KeepOnce(trace, weight);
            }

            foreach (var trace in traces.Except(kept))
            {
                if (_decisions.Of(trace.Id) == true)
                {
                    Keep(trace, weight: 0);
                }
                else
                {
                    Drop(trace);
                }
            }
        }

        // Of a trace with several parts the first says what becomes of the others, and is the one that counts.
        void KeepOnce(BufferedTrace trace, double weight) => Keep(trace, _decisions.Of(trace.Id) is null ? weight : 0);

        void Keep(BufferedTrace trace, double weight)
        {
            _decisions.Remember(trace.Id, isKept: true);
            var row = _writer.Write(trace, (float)weight);
            invalid += trace.Spans.Count - (row?.Spans ?? 0);
            if (row is not null)
            {
                rows.Add(row);
            }

            AddLines(trace, leastSeverity: 0);
        }

        void Drop(BufferedTrace trace)
        {
            _decisions.Remember(trace.Id, isKept: false);
            dropped += trace.Spans.Count;
            AddLines(trace, Warning);
        }

        void AddLines(BufferedTrace trace, int leastSeverity) =>
            lines.AddRange(trace.Logs.Where(line => line.Severity >= leastSeverity).Select(LogRow.Of).OfType<LogRow>());
    }

    private void AddSpan(in SpanSlice span, long now)
    {
        var trace = TraceOf(span.TraceId, now);
        if (!trace.TryAdd(span, _memory))
        {
            return;
        }

        _spans++;
        _bytes += span.Bytes.Length;
        statistics.Add(span);
        FinishIfFull(trace, now);
    }

    private void AddLine(in LogSlice line, long now)
    {
        if (line.TraceId == 0)
        {
            _lines.Add(line with { Bytes = line.Bytes.ToArray() });
            return;
        }

        var trace = TraceOf(line.TraceId, now);
        trace.Add(line);
        trace.IsFailed |= line.Severity >= Error;
        _bytes += line.Bytes.Length;
        FinishIfFull(trace, now);
    }

    private BufferedTrace TraceOf(UInt128 id, long now)
    {
        if (!_traces.TryGetValue(id, out var trace))
        {
            trace = new BufferedTrace(id, now);
            trace.Place = _byLastSpan.AddLast(trace);
            _traces.Add(id, trace);
        }
        else if (trace.LastAt != now)
        {
            trace.LastAt = now;
            _byLastSpan.Remove(trace.Place!);
            _byLastSpan.AddLast(trace.Place!);
        }

        return trace;
    }

    private void FinishIfFull(BufferedTrace trace, long now)
    {
        if (trace.Bytes > LargestTrace || trace.Spans.Count >= MostSpansOfTrace
            || time.GetElapsedTime(trace.FirstAt, now) > LongestWait)
        {
            Remove(trace);
            _full.Add(trace);
        }
    }

    private void Remove(BufferedTrace trace)
    {
        _traces.Remove(trace.Id);
        _byLastSpan.Remove(trace.Place!);
        _spans -= trace.Spans.Count;
        _bytes -= trace.Bytes;
    }
}

/// <summary>What is to be stored, how many spans are not, and how many cannot be read.</summary>
internal sealed record DecidedTelemetry(List<TraceRow> Traces, List<LogRow> Logs, int DroppedSpans, int InvalidSpans);
