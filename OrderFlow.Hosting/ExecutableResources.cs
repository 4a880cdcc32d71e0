using OrderFlow.Hosting.ApplicationModel;

namespace OrderFlow.Hosting;

/// <summary>Programs of the machine as resources.</summary>
public static class ExecutableResources
{
    /// <summary>Adds a program.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the resource.</param>
    /// <param name="command">A program on the PATH, or the path of one.</param>
    /// <param name="workingDirectory">Absolute, or relative to the AppHost's directory.</param>
    /// <param name="args">Its arguments. Everybody on the machine can read them: secrets belong in the environment.</param>
    public static IResourceBuilder<ExecutableResource> AddExecutable(
        this IDistributedApplicationBuilder builder,
        string name,
        string command,
        string workingDirectory,
        params string[]? args)
    {
        var resource = new ExecutableResource(name, command, Path.GetFullPath(workingDirectory, builder.AppHostDirectory));
        return builder.AddResource(resource).WithArgs(args ?? []);
    }
}
