using System.Diagnostics;
using System.Globalization;

namespace OrderFlow.Tests.Support.EndToEnd;

/// <summary>Processes of the running system as Linux shows them.</summary>
internal static class ProcessTree
{
    /// <summary>The process and all below it.</summary>
    public static IReadOnlyList<int> Of(int root)
    {
        var parents = Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0)
            .ToDictionary(id => id, ParentOf);
        List<int> tree = [root];
        for (var n = 0; n < tree.Count; n++)
        {
            tree.AddRange(parents.Where(entry => entry.Value == tree[n]).Select(entry => entry.Key));
        }

        return tree;
    }

    /// <summary>Sends a signal, such as STOP, to the processes.</summary>
    public static async Task SignalAsync(string signal, IEnumerable<int> processes, CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", [$"-{signal}", .. processes.Select(id => id.ToString(CultureInfo.InvariantCulture))]);
        await kill.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Resident memory of a process, in bytes; 0 when it is gone.</summary>
    public static long ResidentBytes(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            return 0;
        }
    }

    /// <summary>Runs a program with the environment of a process, as one of its tools.</summary>
    public static async Task RunInEnvironmentOfAsync(
        int process, string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        var environment = await File.ReadAllTextAsync($"/proc/{process}/environ", cancellationToken);
        foreach (var entry in environment.Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = entry.IndexOf('=', StringComparison.Ordinal);
            start.Environment[entry[..at]] = entry[(at + 1)..];
        }

        using var tool = Process.Start(start)!;
        var said = await Task.WhenAll(
            tool.StandardOutput.ReadToEndAsync(cancellationToken), tool.StandardError.ReadToEndAsync(cancellationToken));
        await tool.WaitForExitAsync(cancellationToken);
        if (tool.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} failed: {string.Concat(said)}");
        }
    }

    private static int ParentOf(int process)
    {
        try
        {
            // The name before it may hold blanks, but it ends with the last parenthesis.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
