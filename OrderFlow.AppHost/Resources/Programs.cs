namespace OrderFlow.AppHost.Resources;

/// <summary>Programs of the distribution.</summary>
internal static class Programs
{
    /// <summary>Lets the start fail with a hint how to install the program when it is missing.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="program">A name on the PATH, or a path.</param>
    /// <param name="package">The distribution's package.</param>
    public static void Require(this IDistributedApplicationBuilder builder, string program, string package) => builder.OnBeforeStart((_, _) =>
        Find(program) is null
            ? throw new DistributedApplicationException($"There is no {program}. Install it: sudo apt-get install {package}")
            : Task.CompletedTask);

    /// <returns>The path of the program; null when it is missing.</returns>
    public static string? Find(string program)
    {
        string[] candidates = program.Contains('/', StringComparison.Ordinal)
            ? [program]
            : [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(directory => Path.Combine(directory, program))];
        return candidates.FirstOrDefault(File.Exists);
    }
}
