using System.Reflection;
using System.Runtime.Versioning;
using OrderFlow.Hosting.ApplicationModel;

namespace OrderFlow.Hosting.Running;

/// <summary>Finds the built program of a project: same configuration and framework as the AppHost's own.</summary>
internal static class ProjectOutput
{
    /// <exception cref="DistributedApplicationException">The project is not built.</exception>
    public static LaunchPlan PlanFor(ProjectResource resource, Assembly appHost)
    {
        var project = resource.Annotations.OfType<IProjectMetadata>().LastOrDefault()?.ProjectPath
            ?? throw new DistributedApplicationException($"Project resource '{resource.Name}' has no project.");
        var directory = Path.GetDirectoryName(project)!;
        var name = Path.GetFileNameWithoutExtension(project);
        var configuration = appHost.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration is { Length: > 0 } own ? own : "Debug";
        var output = Path.Combine(directory, "bin", configuration, Framework(appHost));
        var library = Path.Combine(output, $"{name}.dll");
        if (!File.Exists(library))
        {
            throw new DistributedApplicationException(
                $"Resource '{resource.Name}' cannot start: its project is not built, there is no {library}. Build it: dotnet build \"{project}\" -c {configuration}");
        }

        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["DOTNET_ROOT"] = DotnetRoot };
        var program = Path.Combine(output, name);
        return File.Exists(program)
            ? new(program, [], directory, environment)
            : new(Path.Combine(DotnetRoot, "dotnet"), [library], directory, environment);
    }

    /// <summary>The installation that the AppHost itself runs on: …/shared/Microsoft.NETCore.App/10.0.0/ is three levels below it.</summary>
    private static string DotnetRoot { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));

    private static string Framework(Assembly appHost)
    {
        var name = new FrameworkName(appHost.GetCustomAttribute<TargetFrameworkAttribute>()!.FrameworkName);
        return $"net{name.Version.Major}.{name.Version.Minor}";
    }
}
