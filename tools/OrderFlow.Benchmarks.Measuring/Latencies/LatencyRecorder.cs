using System.Diagnostics;

namespace OrderFlow.Benchmarks.Measuring.Latencies;

/// <summary>Keeps every latency of a measurement, from several threads.</summary>
public sealed class LatencyRecorder
{
    private readonly Lock _gate = new();
    private long[] _micros = new long[1 << 16];
    private int _count;
    private long _forgotten;

    /// <summary>The present time, as a timestamp that compares across the processes of a machine: CLOCK_MONOTONIC on Linux.</summary>
    public static long Now => Stopwatch.GetTimestamp();

    /// <summary>How many there are since the last reset.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>How many there have ever been.</summary>
    public long Total
    {
        get
        {
            lock (_gate)
            {
                return _forgotten + _count;
            }
        }
    }

    /// <summary>Records the time since a timestamp.</summary>
    /// <param name="since">A value of <see cref="Now"/>, of any process.</param>
    public void Add(long since) => AddMicros((long)Stopwatch.GetElapsedTime(since).TotalMicroseconds);

    /// <summary>Records the time since a moment of the machine's clock.</summary>
    /// <param name="since">Microseconds since the Unix epoch.</param>
    public void AddSinceUnixMicros(long since) =>
        AddMicros(((DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond) - since);

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _forgotten += _count;
            _count = 0;
        }
    }

    public LatencySummary Summarize()
    {
        lock (_gate)
        {
            return LatencySummary.Of(_micros.AsSpan(0, _count));
        }
    }

    private void AddMicros(long micros)
    {
        lock (_gate)
        {
            if (_count == _micros.Length)
            {
                Array.Resize(ref _micros, _count * 2);
            }

            _micros[_count++] = micros;
        }
    }
}
