using System.Text;

namespace OrderFlow.Monitor.Ingestion.Telemetry;

/// <summary>
/// How often, how long and how often in vain: of every span that comes, whether its trace is kept or not, by operation and minute. Stored
/// every few seconds; what is not stored yet can be read here.
/// </summary>
internal sealed class OperationStatistics(TimeProvider time)
{
    /// <summary>Operations and minutes that are held until they are stored; what would be more is stored at once.</summary>
    private const int Most = 10_000;

    /// <summary>Names that are remembered, and their bytes in UTF-8.</summary>
    private const int MostNames = 4096;
    private const int LongestName = 512;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private Dictionary<OperationMinute, OperationFigures> _figures = [];
    private long _storedAt = time.GetTimestamp();

    /// <summary>Whether there is something to store.</summary>
    public bool IsDue => _figures.Count > 0 && (_figures.Count >= Most || time.GetElapsedTime(_storedAt) >= Period);

    public bool IsEmpty => _figures.Count == 0;

    /// <summary>Spans are added between this and <see cref="End"/>, and nobody reads.</summary>
    public void Begin() => _gate.Enter();

    public void End() => _gate.Exit();

    public void Add(in SpanSlice span)
    {
        var minute = new DateTime(span.StartTicks - (span.StartTicks % TimeSpan.TicksPerMinute), DateTimeKind.Utc);
        var key = new OperationMinute(minute, span.Sender.Service, NameOf(span.Name.Span), span.Kind);
        if (!_figures.TryGetValue(key, out var figures))
        {
            figures = new OperationFigures();
            _figures.Add(key, figures);
        }

        figures.Add(span.DurationNanos, span.IsError);
    }

    /// <summary>Takes what has come since the last time.</summary>
    public IReadOnlyList<OperationRow> Take()
    {
        lock (_gate)
        {
            var taken = _figures;
            _figures = [];
            _storedAt = time.GetTimestamp();
            return Rows(taken);
        }
    }

    /// <summary>What has come since then and is not stored.</summary>
    public IReadOnlyList<OperationRow> Since(DateTime minute)
    {
        lock (_gate)
        {
            return Rows(_figures.Where(one => one.Key.Minute >= minute));
        }
    }

    private static List<OperationRow> Rows(IEnumerable<KeyValuePair<OperationMinute, OperationFigures>> figures) =>
        [.. figures.Select(one => new OperationRow(
            one.Key.Minute, one.Key.Service, one.Key.Name, one.Key.Kind, one.Value.Count, one.Value.Errors, one.Value.Nanos,
            one.Value.Durations.ToArray()))];

    /// <summary>A name as it is stored: the same string for the same bytes, without making one each time.</summary>
    private string NameOf(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > LongestName)
        {
            return Sender.NameOf(Encoding.UTF8.GetString(utf8));
        }

        Span<char> buffer = stackalloc char[LongestName];
        var text = buffer[..Encoding.UTF8.GetChars(utf8, buffer)];
        var lookup = _names.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(text, out var name))
        {
            return name;
        }

        if (_names.Count >= MostNames)
        {
            _names.Clear();
        }

        name = Sender.NameOf(text.ToString());
        lookup[text] = name;
        return name;
    }

    private readonly record struct OperationMinute(DateTime Minute, string Service, string Name, short Kind);

    private sealed class OperationFigures
    {
        public long Count { get; private set; }

        public long Errors { get; private set; }

        public double Nanos { get; private set; }

        public DurationHistogram Durations { get; } = new();

        public void Add(long nanos, bool isError)
        {
            Count++;
            Errors += isError ? 1 : 0;
            Nanos += nanos;
            Durations.Add(nanos);
        }
    }
}

/// <summary>The spans of an operation that began in a minute, or some of them; the rows of a minute add up.</summary>
internal sealed record OperationRow(
    DateTime Minute, string Service, string Name, short Kind, long Count, long Errors, double Nanos, byte[] Durations);
