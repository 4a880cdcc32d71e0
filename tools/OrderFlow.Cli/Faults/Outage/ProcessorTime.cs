using System.Globalization;

namespace OrderFlow.Cli.Faults.Outage;

/// <summary>Processor time since boot, in clock ticks.</summary>
/// <param name="All">What all processors together had.</param>
/// <param name="Busy">What was used of it.</param>
/// <param name="Own">What this tool and the system that it started used.</param>
internal sealed record ProcessorTime(ulong All, ulong Busy, ulong Own)
{
    private const int Idle = 3;
    private const int WaitingForDisk = 4;

    /// <summary>What follows in the line is counted in user time, too: proc(5).</summary>
    private const int Guest = 8;

    public static ProcessorTime Take()
    {
        ulong[] times =
        [
            .. File.ReadLines("/proc/stat")
                .First()
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Skip(1)
                .Take(Guest)
                .Select(field => ulong.Parse(field, CultureInfo.InvariantCulture)),
        ];
        var all = times.Aggregate(0UL, (sum, time) => sum + time);
        var own = ProcessIdentity.Of(Environment.ProcessId)!.Tree().Aggregate(0UL, (sum, process) => sum + process.Ticks);
        return new ProcessorTime(all, all - times[Idle] - times[WaitingForDisk], own);
    }

    /// <summary>Share of the machine that other programs took since then, 0 to 1.</summary>
    public double OthersSince(ProcessorTime before) =>
        All == before.All ? 0 : Math.Clamp(((double)Busy - before.Busy - ((double)Own - before.Own)) / (All - before.All), 0, 1);
}
