using System.Globalization;

namespace OrderFlow.AppHost.Resources.Ports;

/// <summary>Says which process listens on a port, as far as /proc tells.</summary>
internal static class PortHolder
{
    private const string Listening = "0A";
    private const int LocalAddress = 1;
    private const int State = 3;
    private const int Inode = 9;

    /// <summary>For example <c>process 4711 (beam.smp)</c>; null when it cannot be known.</summary>
    public static string? Find(int port)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var sockets = Sockets("/proc/net/tcp", port).Concat(Sockets("/proc/net/tcp6", port)).Select(inode => $"socket:[{inode}]").ToHashSet(StringComparer.Ordinal);
        return sockets.Count == 0
            ? null
            : Directory.EnumerateDirectories("/proc").Where(IsProcess).FirstOrDefault(process => Holds(process, sockets)) is { } holder
                ? $"process {Path.GetFileName(holder)} ({ReadOrNothing($"{holder}/comm").Trim()})"
                : "a process of another user";
    }

    private static IEnumerable<string> Sockets(string table, int port)
    {
        var suffix = $":{port.ToString("X4", CultureInfo.InvariantCulture)}";
        return ReadOrNothing(table).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns.Length > Inode && columns[State] == Listening && columns[LocalAddress].EndsWith(suffix, StringComparison.Ordinal))
            .Select(columns => columns[Inode]);
    }

    private static bool IsProcess(string directory) => Path.GetFileName(directory).All(char.IsAsciiDigit);

    private static bool Holds(string process, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFiles($"{process}/fd").Any(descriptor => new FileInfo(descriptor).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or it is somebody else's.
            return false;
        }
    }

    private static string ReadOrNothing(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
