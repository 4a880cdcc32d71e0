using System.Globalization;
using OrderFlow.Cli.Connections;

namespace OrderFlow.Cli.Faults.Outage;

/// <summary>How much of the machine the services and other programs use, sampled at one moment.</summary>
/// <param name="At">A time stamp.</param>
/// <param name="Machine">Processor time so far.</param>
/// <param name="Services">By service, all its processes together: resident memory, and how long its log is, in bytes.</param>
internal sealed record ResourceUsage(long At, ProcessorTime Machine, IReadOnlyDictionary<string, (long Memory, long Log)> Services)
{
    public static ResourceUsage Take(SystemProcesses processes, string runDirectory, int replicas, TimeProvider time) => new(
        time.GetTimestamp(),
        ProcessorTime.Take(),
        SystemResources.Services.ToDictionary(
            service => service,
            service => (
                Enumerable.Range(0, replicas)
                    .Sum(replica => processes.Find(service, replica) is { } process ? MemoryOf(process.Identity.Pid) : 0),
                LogOf(runDirectory, service)),
            StringComparer.Ordinal));

    private static long MemoryOf(int pid)
    {
        const string resident = "VmRSS:";
        try
        {
            var line = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(line => line.StartsWith(resident, StringComparison.Ordinal));
            return line is null
                ? 0
                : 1024 * long.Parse(
                    line.AsSpan(resident.Length, line.Length - resident.Length - " kB".Length),
                    NumberStyles.AllowLeadingWhite,
                    CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // It has just ended, which SystemProcesses reports.
            return 0;
        }
    }

    /// <summary>A log that grew too large goes on in a new file.</summary>
    private static long LogOf(string runDirectory, string service) =>
        ((string[])[$"{service}.log", $"{service}.log.1"]).Select(name => new FileInfo(Path.Combine(runDirectory, "logs", name)))
            .Sum(file => file.Exists ? file.Length : 0);
}
