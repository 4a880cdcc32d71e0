namespace OrderFlow.AppHost.Configuration;

/// <summary>Programs of the distribution.</summary>
internal static class Programs
{
    /// <param name="program">A name on the PATH, or a path.</param>
    /// <returns>The path of the program; null when it is missing.</returns>
    public static string? Find(string program)
    {
        string[] candidates = program.Contains('/', StringComparison.Ordinal)
            ? [program]
            : [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
                .Select(directory => Path.Combine(directory, program))];
        return candidates.FirstOrDefault(File.Exists);
    }
}
