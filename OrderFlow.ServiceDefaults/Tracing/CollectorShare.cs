using System.Buffers.Binary;
using System.Diagnostics;

namespace OrderFlow.ServiceDefaults.Tracing;

/// <summary>
/// Chooses the traces that a collector gets, when there are more spans than it is meant to get: a dashboard shows a person what happens,
/// and at a thousand orders a second it would cost more than what it shows. Up to the limit all pass; above it one trace in 2, 4, 8 and so
/// on, chosen by its id, so that services that are about as busy choose the same.
/// </summary>
/// <param name="spansPerSecond">About how many spans may pass.</param>
/// <param name="time">Counts the seconds.</param>
internal sealed class CollectorShare(int spansPerSecond, TimeProvider time)
{
    private const int SmallestShare = 30;

    private readonly Lock _gate = new();
    private long _second = time.GetTimestamp();
    private int _passed;
    private int _halvings;

    /// <summary>Whether a span of the trace passes now; counts those that do.</summary>
    public bool Passes(ActivityTraceId trace)
    {
        lock (_gate)
        {
            Adjust();
            if (!Includes(trace))
            {
                return false;
            }

            _passed++;
            return true;
        }
    }

    /// <summary>Whether the trace is of the share.</summary>
    public bool Includes(ActivityTraceId trace) => (Mixed(trace) & ((1UL << Volatile.Read(ref _halvings)) - 1)) == 0;

    /// <summary>The limit within a second halves the share; a second with less than a third of it doubles it.</summary>
    private void Adjust()
    {
        var elapsed = time.GetElapsedTime(_second);
        if (elapsed < TimeSpan.FromSeconds(1))
        {
            if (_passed < spansPerSecond)
            {
                return;
            }

            _halvings = Math.Min(_halvings + 1, SmallestShare);
        }
        else if (_passed * 3 < spansPerSecond * elapsed.TotalSeconds)
        {
            _halvings = Math.Max(_halvings - 1, 0);
        }

        (_second, _passed) = (time.GetTimestamp(), 0);
    }

    /// <summary>Ids that somebody counts up are spread as evenly as random ones.</summary>
    private static ulong Mixed(ActivityTraceId trace)
    {
        Span<byte> bytes = stackalloc byte[16];
        trace.CopyTo(bytes);
        var hash = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        hash ^= hash >> 33;
        hash *= 0xff51afd7ed558ccd;
        return hash ^ (hash >> 33);
    }
}
