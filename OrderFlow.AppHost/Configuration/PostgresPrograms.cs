namespace OrderFlow.AppHost.Configuration;

/// <summary>Finds PostgreSQL's programs, which distributions keep apart by version and off the PATH.</summary>
internal static class PostgresPrograms
{
    private const string Debian = "/usr/lib/postgresql";

    /// <returns>The directory of the newest <c>initdb</c> and <c>postgres</c>; <see langword="null"/> when there are none.</returns>
    public static string? Find()
    {
        var byVersion = Directory.Exists(Debian)
            ? Directory.EnumerateDirectories(Debian)
                .OrderByDescending(directory =>
                    int.TryParse(Path.GetFileName(directory), System.Globalization.CultureInfo.InvariantCulture, out var version)
                        ? version
                        : 0)
                .Select(directory => Path.Combine(directory, "bin"))
            : [];
        return byVersion.FirstOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")) && File.Exists(Path.Combine(bin, "postgres")))
            ?? (Programs.Find("initdb") is { } found ? Path.GetDirectoryName(found) : null);
    }
}
