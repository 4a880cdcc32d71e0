namespace OrderFlow.Hosting.ApplicationModel;

/// <summary>A program of the machine.</summary>
/// <param name="name">Name of the resource.</param>
/// <param name="command">A program on the PATH, or the path of one, absolute or relative to <paramref name="workingDirectory"/>.</param>
/// <param name="workingDirectory">Absolute, or relative to the AppHost's directory.</param>
public class ExecutableResource(string name, string command, string workingDirectory)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport
{
    public string Command { get; } = command;

    public string WorkingDirectory { get; } = workingDirectory;
}
