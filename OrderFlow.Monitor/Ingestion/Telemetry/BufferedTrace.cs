using System.Runtime.InteropServices;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>What has come of a trace since it began, or since it was last decided.</summary>
/// <param name="id">Its id.</param>
/// <param name="now">When its first span came, as <see cref="TimeProvider.GetTimestamp"/> counts.</param>
internal sealed class BufferedTrace(UInt128 id, long now)
{
    /// <summary>Ids that are compared one by one; of more there is a set.</summary>
    private const int FewSpans = 48;

    private readonly List<BufferedSpan> _spans = new(32);
    private HashSet<ulong>? _ids;
    private List<LogSlice>? _logs;
    private long _start = long.MaxValue;
    private long _end;

    public UInt128 Id { get; } = id;

    /// <summary>Its place among all traces, by when the last span came.</summary>
    public LinkedListNode<BufferedTrace>? Place { get; set; }

    public long FirstAt { get; } = now;

    public long LastAt { get; set; } = now;

    public int Bytes { get; private set; }

    /// <summary>Whether a span failed or an error was logged, or it continues another trace: a delayed retry, a replay.</summary>
    public bool IsFailed { get; set; }

    public IReadOnlyList<BufferedSpan> Spans => _spans;

    public IReadOnlyList<LogSlice> Logs => _logs ?? (IReadOnlyList<LogSlice>)[];

    /// <summary>From the begin of its first span to the end of its last.</summary>
    public TimeSpan Duration => _spans.Count == 0 ? TimeSpan.Zero : TimeSpan.FromTicks(_end - _start);

    /// <summary>Adds a span, its bytes copied; false when it is there already, because it was sent again.</summary>
    public bool TryAdd(in SpanSlice span, SpanMemory memory)
    {
        if (Has(span.SpanId))
        {
            return false;
        }

        _spans.Add(new BufferedSpan(span.SpanId, span.Sender, memory.Add(span.Bytes.Span)));
        _ids?.Add(span.SpanId);
        Bytes += span.Bytes.Length;
        _start = Math.Min(_start, span.StartTicks);
        _end = Math.Max(_end, span.StartTicks + (span.DurationNanos / 100));
        IsFailed |= span.IsError || span.IsLinked;
        return true;
    }

    /// <summary>Adds a log line, its bytes copied.</summary>
    public void Add(in LogSlice line)
    {
        var bytes = line.Bytes.ToArray();
        (_logs ??= []).Add(line with { Bytes = bytes });
        Bytes += bytes.Length;
    }

    public void Release(SpanMemory memory)
    {
        foreach (var span in CollectionsMarshal.AsSpan(_spans))
        {
            memory.Release(span.Part);
        }

        _spans.Clear();
    }

    private bool Has(ulong spanId)
    {
        if (_spans.Count >= FewSpans)
        {
            _ids ??= [.. _spans.Select(span => span.Id)];
            return _ids.Contains(spanId);
        }

        foreach (ref readonly var span in CollectionsMarshal.AsSpan(_spans))
        {
            if (span.Id == spanId)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>A span of a trace that is not decided.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Sender">Who sent it.</param>
/// <param name="Part">Where its bytes are.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BufferedSpan(ulong Id, Sender Sender, SpanMemory.Part Part);
