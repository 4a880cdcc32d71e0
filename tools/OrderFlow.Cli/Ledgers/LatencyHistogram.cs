using System.Numerics;

namespace OrderFlow.Cli.Ledgers;

/// <summary>
/// Latencies in microseconds, in buckets whose width grows with the value: exact below 2,048 µs, within 0.1 % above, in constant
/// memory (270 kB). Logarithmic buckets, each divided linearly, as HdrHistogram has them.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int LinearBits = 11;
    private const int Linear = 1 << LinearBits;
    private const int Half = Linear / 2;
    private const int Doublings = 32;
    private const long Highest = (1L << (LinearBits + Doublings)) - 1;

    private readonly Lock _gate = new();
    private readonly long[] _buckets = new long[Linear + (Doublings * Half)];
    private long _count;
    private long _max;

    public long Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    public TimeSpan Max
    {
        get
        {
            lock (_gate)
            {
                return TimeSpan.FromMicroseconds(_max);
            }
        }
    }

    /// <summary>Adds one latency.</summary>
    /// <param name="micros">0 or more; what is beyond 100 days counts as 100 days.</param>
    public void Record(long micros)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(micros);
        var value = Math.Min(micros, Highest);
        lock (_gate)
        {
            _buckets[BucketOf(value)]++;
            _count++;
            _max = Math.Max(_max, value);
        }
    }

    /// <summary>
    /// The smallest recorded latency that at least this share of all latencies do not exceed (nearest rank), or <see langword="null"/>
    /// when there is none.
    /// </summary>
    /// <param name="quantile">From 0 to 1: 0.99 is P99.</param>
    public TimeSpan? Quantile(double quantile)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(quantile);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quantile, 1);
        lock (_gate)
        {
            if (_count == 0)
            {
                return null;
            }

            var rank = Math.Max(1, (long)Math.Ceiling(quantile * _count));
            long below = 0;
            for (var bucket = 0; bucket < _buckets.Length; bucket++)
            {
                below += _buckets[bucket];
                if (below >= rank)
                {
                    return TimeSpan.FromMicroseconds(Math.Min(HighestOf(bucket), _max));
                }
            }

            throw new InvalidOperationException($"The buckets hold {below} latencies, but {_count} were counted.");
        }
    }

    private static int BucketOf(long value)
    {
        if (value < Linear)
        {
            return (int)value;
        }

        var shift = BitOperations.Log2((ulong)value) - LinearBits + 1;
        return Linear + ((shift - 1) * Half) + (int)((value >> shift) - Half);
    }

    private static long HighestOf(int bucket)
    {
        if (bucket < Linear)
        {
            return bucket;
        }

        var shift = ((bucket - Linear) / Half) + 1;
        var step = ((bucket - Linear) % Half) + Half;
        return ((step + 1L) << shift) - 1;
    }
}
