namespace OrderFlow.Hosting.ApplicationModel;

/// <summary>A .NET project of the solution, run from its build output.</summary>
public class ProjectResource(string name)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport;
