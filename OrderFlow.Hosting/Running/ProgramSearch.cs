using OrderFlow.Hosting.ApplicationModel;

namespace OrderFlow.Hosting.Running;

/// <summary>Finds a program as a shell would.</summary>
internal static class ProgramSearch
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <exception cref="DistributedApplicationException">There is no such program.</exception>
    public static string Find(ExecutableResource resource)
    {
        if (resource.Command.Contains('/', StringComparison.Ordinal))
        {
            var path = Path.GetFullPath(resource.Command, resource.WorkingDirectory);
            return IsProgram(path) ? path : throw new DistributedApplicationException($"Resource '{resource.Name}' cannot start: {path} does not exist or is not executable.");
        }

        var directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return directories.Select(directory => Path.Combine(directory, resource.Command)).FirstOrDefault(IsProgram)
            ?? throw new DistributedApplicationException($"Resource '{resource.Name}' cannot start: there is no program '{resource.Command}' on the PATH ({string.Join(':', directories)}).");
    }

    private static bool IsProgram(string path) => File.Exists(path) && (File.GetUnixFileMode(path) & Executable) != UnixFileMode.None;
}
