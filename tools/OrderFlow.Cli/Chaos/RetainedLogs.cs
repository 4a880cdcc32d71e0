namespace OrderFlow.Cli.Chaos;

/// <summary>Copies of the process logs, made when the run found something: the run's own directory is deleted at its end.</summary>
internal static class RetainedLogs
{
    /// <returns>Where they are now; <see langword="null"/> when there are none.</returns>
    public static string? Copy(string runDirectory)
    {
        var from = Path.Combine(runDirectory, "logs");
        if (!Directory.Exists(from))
        {
            return null;
        }

        var to = Directory.CreateTempSubdirectory("orderflow-chaos-logs-").FullName;
        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        return to;
    }
}
