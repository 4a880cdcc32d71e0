namespace OrderFlow.Benchmarks.CommandLine;

/// <summary>Removes what a system has left of its data.</summary>
internal static class TemporaryDirectories
{
    /// <summary>Removes the directory with a PostgreSQL cluster in <c>postgres/</c>.</summary>
    public static void Delete(string directory)
    {
        // Started as root, PostgreSQL keeps its data elsewhere when its user cannot reach this directory, behind a link.
        var cluster = Path.Combine(directory, "postgres", "cluster");
        if (Directory.Exists(cluster) && Directory.ResolveLinkTarget(cluster, returnFinalTarget: true) is { Exists: true } elsewhere)
        {
            Directory.Delete(elsewhere.FullName, recursive: true);
        }

        Directory.Delete(directory, recursive: true);
    }
}
