using System.Globalization;
using System.Runtime.InteropServices;

namespace OrderFlow.Benchmarks.Measuring.Processes;

/// <summary>Processor time of any process of the machine.</summary>
public static partial class ProcessClock
{
    private const int ProcessClockBits = 2;
    private const int ChildUserTime = 13;
    private const double TicksPerSecond = 100;

    /// <summary>
    /// Seconds of processor time so far, by the process's own clock: exact, where the ticks of <c>/proc/PID/stat</c> are samples that a
    /// paced load falls in step with.
    /// </summary>
    /// <returns><see langword="null"/> when there is no such process.</returns>
    public static double? Seconds(int process) =>
        GetTime((~process << 3) | ProcessClockBits, out var time) == 0 ? time.Seconds + (time.Nanoseconds / 1e9) : null;

    /// <summary>The same with all children, those that have ended included: what a PostgreSQL server has used.</summary>
    public static double? SecondsWithChildren(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var ended = Enumerable.Range(ChildUserTime, 2).Sum(field => long.Parse(fields[field], CultureInfo.InvariantCulture));
            return Seconds(process) + (ended / TicksPerSecond) + ChildrenOf(process).Sum(child => Seconds(child) ?? 0);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static IEnumerable<int> ChildrenOf(int process) => File.ReadAllText($"/proc/{process}/task/{process}/children")
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(child => int.Parse(child, CultureInfo.InvariantCulture));

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
