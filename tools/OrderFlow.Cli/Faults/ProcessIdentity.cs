using System.Globalization;

namespace OrderFlow.Cli.Faults;

/// <summary>One process and no other: its id, which the kernel gives to another process later, and when it started.</summary>
/// <param name="Pid">Process id.</param>
/// <param name="StartedAt">In clock ticks since boot, as <c>/proc/[pid]/stat</c> says; field 22 of proc(5).</param>
internal sealed record ProcessIdentity(int Pid, ulong StartedAt)
{
    private const int ParentField = 4;
    private const int FirstTimeField = 14;
    private const int StartField = 22;

    public bool IsAlive => Of(Pid) == this;

    /// <returns><see langword="null"/> when there is no such process.</returns>
    public static ProcessIdentity? Of(int pid) => Field(pid, StartField) is { } started ? new(pid, started) : null;

    /// <summary>
    /// Processor time in clock ticks: its own and that of children that have ended, in user mode and in the kernel's; 0 when it is gone.
    /// </summary>
    public ulong Ticks => Enumerable.Range(FirstTimeField, 4).Aggregate(0UL, (sum, number) => sum + (Field(Pid, number) ?? 0));

    /// <summary>The process and everything that it started and that is still there, itself first.</summary>
    public IReadOnlyList<ProcessIdentity> Tree()
    {
        if (!IsAlive)
        {
            return [];
        }

        var children = Directory.EnumerateDirectories("/proc")
            .Select(
                directory => int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                    ? pid
                    : 0)
            .Where(pid => pid > 0)
            .ToLookup(pid => Field(pid, ParentField) ?? 0);
        List<ProcessIdentity> tree = [this];
        for (var next = 0; next < tree.Count; next++)
        {
            tree.AddRange(children[(ulong)tree[next].Pid].Select(Of).OfType<ProcessIdentity>());
        }

        return tree;
    }

    /// <summary>Sends the signal if this is still the process.</summary>
    public bool Signal(int signal) => IsAlive && Signals.Send(Pid, signal);

    private static ulong? Field(int pid, int field)
    {
        try
        {
            // The second field is the program's name in brackets, which may itself hold anything.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            // A zombie is over, though its id is still taken.
            return fields[0] is "Z" or "X" ? null : ulong.Parse(fields[field - 3], CultureInfo.InvariantCulture);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
