namespace OrderFlow.Monitor.Hosting;

/// <summary>Separates the paths of the API from those of the pages.</summary>
internal static class ApiPath
{
    /// <summary>Whether a path belongs to the API; all others are pages.</summary>
    public static bool Covers(PathString path) => path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase);
}
