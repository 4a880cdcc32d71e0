using System.Runtime.InteropServices;

namespace OrderFlow.Messaging.LatencyLedger;

/// <summary>
/// One moment by both clocks: the wall clock, which other processes can compare with, and the monotonic one, which nobody sets.
/// </summary>
/// <param name="Micros">The wall clock, in microseconds since the Unix epoch.</param>
/// <param name="Timestamp">As <see cref="TimeProvider.GetTimestamp"/> counts; <see langword="null"/> of a moment in another
/// process.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ClockReading(long Micros, long? Timestamp)
{
    private const int Tries = 3;
    private static readonly TimeSpan Together = TimeSpan.FromMicroseconds(50);

    /// <summary>No wait is longer: a clock that says so, of 1970 or the like, is wrong.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(365);

    /// <summary>
    /// Whether a time between two moments, by the clocks of two machines, can be true: it is neither negative nor longer than a year.
    /// </summary>
    public static bool IsPlausible(long micros) => micros >= 0 && micros <= LongestWait.TotalMicroseconds;

    public static ClockReading Now(TimeProvider time)
    {
        for (var left = Tries; ; left--)
        {
            var before = time.GetTimestamp();
            var wall = UnixMicroseconds.From(time.GetUtcNow());
            // A thread that was put aside between the two would look like a clock that was set.
            if (left == 0 || time.GetElapsedTime(before) < Together)
            {
                return new ClockReading(wall, before);
            }
        }
    }

    /// <summary>
    /// Where the wall clock of this moment would be at <paramref name="later"/>, had nobody set it; for a moment in another process, where
    /// it is.
    /// </summary>
    public long MicrosAt(ClockReading later, TimeProvider time) => Timestamp is { } from && later.Timestamp is { } to
        ? Micros + (time.GetElapsedTime(from, to).Ticks / TimeSpan.TicksPerMicrosecond)
        : later.Micros;
}
