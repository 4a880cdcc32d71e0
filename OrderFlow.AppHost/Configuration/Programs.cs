using System.Diagnostics;

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

    /// <summary>Has a program check something, where it is installed.</summary>
    /// <param name="program">A name on the PATH, or a path.</param>
    /// <param name="directory">Where it works.</param>
    /// <param name="arguments">What it is told.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What it said when it found something wrong; <see langword="null"/> when it did not, or is missing.</returns>
    public static async Task<(string Output, string Errors)?> CheckAsync(
        string program, string directory, string[] arguments, CancellationToken cancellationToken)
    {
        if (Find(program) is not { } path)
        {
            return null;
        }

        using var process = Process.Start(new ProcessStartInfo(path, arguments)
        {
            WorkingDirectory = directory,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var said = (await output, await errors);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? null : said;
    }
}
