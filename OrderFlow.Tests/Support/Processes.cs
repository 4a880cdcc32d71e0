namespace OrderFlow.Tests.Support;

/// <summary>What really runs on the machine, whoever started it.</summary>
internal static class Processes
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static IEnumerable<string> Ids =>
        Directory.EnumerateDirectories("/proc").Select(path => Path.GetFileName(path)).Where(name => name.All(char.IsAsciiDigit));

    /// <summary>Processes with the variable in their environment; those that ended but are not reaped do not count.</summary>
    public static IReadOnlyList<int> With(string variable, string value) =>
    [
        .. Ids.Where(id => ReadOrNothing($"/proc/{id}/environ").Split('\0').Contains($"{variable}={value}")).Select(int.Parse),
    ];

    public static bool Exists(int id) => ReadOrNothing($"/proc/{id}/cmdline").Length > 0;

    /// <summary>Everything that somebody can read in a process list.</summary>
    public static string AllCommandLines() => string.Join('\n', Ids.Select(CommandLineOf));

    /// <summary>
    /// The states of all threads of a process group, as the kernel names them: <c>T</c> stands still, <c>Z</c> has ended.
    /// </summary>
    public static IReadOnlyList<char> ThreadStates(int group) =>
    [
        .. Ids.Where(id => StatOf($"/proc/{id}") is [_, _, var its, ..] && its == $"{group}")
            .SelectMany(id => Directory.GetDirectories($"/proc/{id}/task"))
            .Select(StatOf)
            .Where(fields => fields.Length > 0)
            .Select(fields => fields[0][0]),
    ];

    public static Task GoneAsync(string variable, string value) => Wait.UntilAsync(
        () => $"still there: {string.Join(", ", With(variable, value).Select(id => $"{id} {CommandLineOf(id)}"))}",
        () => With(variable, value).Count == 0,
        Patience);

    public static Task GoneAsync(int id) => Wait.UntilAsync(
        () => $"process {id} is still there",
        () => !Exists(id),
        Patience);

    /// <summary>What stands behind the name, which may hold anything: state, parent, process group, and so on.</summary>
    private static string[] StatOf(string directory)
    {
        var stat = ReadOrNothing($"{directory}/stat");
        return stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string CommandLineOf<T>(T id) => ReadOrNothing($"/proc/{id}/cmdline").Replace('\0', ' ');

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
