using OrderFlow.Tests.Journey;

namespace OrderFlow.Tests.Hosting;

/// <summary>What really runs on the machine, whoever started it.</summary>
internal static class Processes
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Processes with the variable in their environment; those that ended but are not reaped do not count.</summary>
    public static IReadOnlyList<int> With(string variable, string value) =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(Path.GetFileName)
            .Where(name => name!.All(char.IsAsciiDigit))
            .Where(id => ReadOrNothing($"/proc/{id}/environ").Split('\0').Contains($"{variable}={value}"))
            .Select(id => int.Parse(id!)),
    ];

    public static bool Exists(int id) => ReadOrNothing($"/proc/{id}/cmdline").Length > 0;

    /// <summary>Everything that somebody can read in a process list.</summary>
    public static string AllCommandLines() => string.Join('\n', Directory.EnumerateDirectories("/proc")
        .Where(directory => Path.GetFileName(directory).All(char.IsAsciiDigit))
        .Select(directory => ReadOrNothing($"{directory}/cmdline").Replace('\0', ' ')));

    public static Task GoneAsync(string variable, string value, CancellationToken cancellationToken) => Eventually.TrueAsync(
        () => Task.FromResult(With(variable, value).Count == 0),
        Patience,
        () => $"still there: {string.Join(", ", With(variable, value).Select(id => $"{id} {ReadOrNothing($"/proc/{id}/cmdline").Replace('\0', ' ')}"))}",
        cancellationToken);

    public static Task GoneAsync(int id, CancellationToken cancellationToken) => Eventually.TrueAsync(
        () => Task.FromResult(!Exists(id)), Patience, () => $"process {id} is still there", cancellationToken);

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
