using OrderFlow.Hosting.ApplicationModel;

namespace OrderFlow.Hosting;

/// <summary>Projects of the solution as resources.</summary>
public static class ProjectResources
{
    /// <summary>Adds a project by its generated class.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new() => builder.AddProject(name, new TProject());

    /// <summary>Adds a project by the path of its project file, absolute or relative to the AppHost's directory. It must be built.</summary>
    public static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, string name, string projectPath) =>
        builder.AddProject(name, new ProjectByPath(Path.GetFullPath(projectPath, builder.AppHostDirectory)));

    /// <summary>Runs the project as several processes behind one port.</summary>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(replicas);
        return builder.WithAnnotation(new ReplicaAnnotation(replicas), ResourceAnnotationMutationBehavior.Replace);
    }

    private static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, string name, IProjectMetadata metadata) =>
        builder.AddResource(new ProjectResource(name)).WithAnnotation(metadata).WithEnvironment(context => ListenOnEndpoints(context));

    /// <summary>ASP.NET Core reads its addresses from a variable; one that somebody set stays.</summary>
    private static void ListenOnEndpoints(EnvironmentCallbackContext context)
    {
        var web = ((ProjectResource)context.Resource).GetEndpoints().Where(e => e.Scheme is "http" or "https").ToArray();
        if (web.Length > 0)
        {
            context.EnvironmentVariables.TryAdd("ASPNETCORE_URLS", new ListenUrls(web));
        }
    }

    private sealed class ProjectByPath(string path) : IProjectMetadata
    {
        public string ProjectPath => path;
    }

    private sealed class ListenUrls(IReadOnlyList<EndpointReference> endpoints) : IValueProvider
    {
        public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => GetValueAsync(new ValueProviderContext(), cancellationToken);

        public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default)
        {
            List<string> urls = [];
            foreach (var endpoint in endpoints)
            {
                var port = await endpoint.Property(EndpointProperty.TargetPort).GetValueAsync(context, cancellationToken);
                urls.Add($"{endpoint.Scheme}://{endpoint.EndpointAnnotation.TargetHost}:{port}");
            }

            return string.Join(';', urls);
        }
    }
}
