using System.Globalization;

namespace OrderFlow.Benchmarks.Measuring.Processes;

/// <summary>What processes have used until a moment.</summary>
/// <param name="Seconds">Processor time by process.</param>
public sealed record ProcessUsage(IReadOnlyDictionary<MeasuredProcess, double> Seconds)
{
    /// <summary>Takes the processor time of each; one that has ended is left out.</summary>
    public static ProcessUsage Of(IEnumerable<MeasuredProcess> processes)
    {
        var seconds = new Dictionary<MeasuredProcess, double>();
        foreach (var process in processes.Append(new(Environment.ProcessId, "benchmark", ProcessGroups.Load)))
        {
            if ((process.Group == ProcessGroups.Postgres
                    ? ProcessClock.SecondsWithChildren(process.Id)
                    : ProcessClock.Seconds(process.Id)) is { } used)
            {
                seconds[process] = used;
            }
        }

        return new(seconds);
    }

    /// <summary>Processor time since then, by group; of processes that are in both.</summary>
    public IReadOnlyDictionary<string, double> SecondsSince(ProcessUsage before) => Seconds
        .Where(process => before.Seconds.ContainsKey(process.Key))
        .GroupBy(process => process.Key.Group, StringComparer.Ordinal)
        .ToDictionary(
            group => group.Key, group => group.Sum(process => process.Value - before.Seconds[process.Key]), StringComparer.Ordinal);

    /// <summary>Most memory that a process ever had, in MiB; <see langword="null"/> when it has ended.</summary>
    public static double? PeakMiB(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status")
                .FirstOrDefault(text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var kilobytes, ..]
                ? long.Parse(kilobytes, CultureInfo.InvariantCulture) / 1024.0
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
