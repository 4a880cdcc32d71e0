using OrderFlow.Hosting.ApplicationModel;

namespace OrderFlow.Hosting;

/// <summary>Says where a project of the solution is. The build generates one class per project reference of the AppHost, in namespace <c>Projects</c>.</summary>
public interface IProjectMetadata : IResourceAnnotation
{
    /// <summary>The full path of the project file.</summary>
    string ProjectPath { get; }

    /// <summary>True when the project is built together with the AppHost. The local engine never builds, so it runs only such projects.</summary>
    bool SuppressBuild => false;
}
