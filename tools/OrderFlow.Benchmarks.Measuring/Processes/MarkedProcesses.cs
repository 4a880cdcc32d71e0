using System.Globalization;

namespace OrderFlow.Benchmarks.Measuring.Processes;

/// <summary>
/// The processes that a comparison started, wherever they are: each inherits a variable that no other has.
/// </summary>
public static class MarkedProcesses
{
    /// <summary>The variable; set in the comparison's own environment, every child has it.</summary>
    public const string Mark = "ORDERFLOW_BENCHMARK";

    /// <summary>Everything that runs with the mark, and is measured.</summary>
    /// <param name="mark">The value of the variable.</param>
    public static IReadOnlyList<MeasuredProcess> Measured(string mark) =>
        [.. Ids(mark).Select(id => MeasuredProcess.Of(id, Split($"/proc/{id}/cmdline"))).OfType<MeasuredProcess>()];

    /// <summary>Everything that runs with the mark, apart from this process.</summary>
    /// <param name="mark">The value of the variable.</param>
    public static IReadOnlyList<int> Ids(string mark) =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && id != Environment.ProcessId && Split($"/proc/{id}/environ").Contains($"{Mark}={mark}"))
            .Order(),
    ];

    /// <summary>The parts of a file of <c>/proc</c>; none when the process is gone or another user's.</summary>
    private static string[] Split(string file)
    {
        try
        {
            return File.ReadAllText(file).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
