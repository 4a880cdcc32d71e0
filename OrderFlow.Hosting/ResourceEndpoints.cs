using OrderFlow.Hosting.ApplicationModel;

namespace OrderFlow.Hosting;

/// <summary>Ports of resources.</summary>
public static class ResourceEndpoints
{
    /// <summary>Adds a port on which the resource listens.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="port">The port that others use; any free one by default.</param>
    /// <param name="targetPort">The port that the process itself listens on.</param>
    /// <param name="scheme">Scheme of the endpoint's URL, <c>tcp</c> by default.</param>
    /// <param name="name">Name of the endpoint; the scheme by default.</param>
    /// <param name="env">A variable that tells the process its port.</param>
    /// <param name="isProxied">False when the process must own the port itself.</param>
    /// <param name="isExternal">True when the endpoint is for people outside the application.</param>
    /// <exception cref="DistributedApplicationException">The resource has an endpoint of that name.</exception>
    public static IResourceBuilder<T> WithEndpoint<T>(
        this IResourceBuilder<T> builder,
        int? port = null,
        int? targetPort = null,
        string? scheme = null,
        string? name = null,
        string? env = null,
        bool? isProxied = null,
        bool? isExternal = null)
        where T : IResourceWithEndpoints
    {
        name ??= scheme ?? "tcp";
        if (builder.Resource.GetEndpoint(name).Exists)
        {
            throw new DistributedApplicationException($"Resource '{builder.Resource.Name}' has two endpoints named '{name}'. Name the second one with the name parameter.");
        }

        return builder.WithAnnotation(new EndpointAnnotation(name)
        {
            Port = port,
            TargetPort = targetPort,
            UriScheme = scheme ?? "tcp",
            IsProxied = isProxied ?? true,
            IsExternal = isExternal ?? false,
            PortVariable = env,
        });
    }

    /// <summary>Adds an HTTP port, named <c>http</c> by default.</summary>
    public static IResourceBuilder<T> WithHttpEndpoint<T>(
        this IResourceBuilder<T> builder,
        int? port = null,
        int? targetPort = null,
        string? name = null,
        string? env = null,
        bool? isProxied = null)
        where T : IResourceWithEndpoints => builder.WithEndpoint(port, targetPort, "http", name, env, isProxied);

    /// <summary>Changes an endpoint, or adds it.</summary>
    public static IResourceBuilder<T> WithEndpoint<T>(this IResourceBuilder<T> builder, string endpointName, Action<EndpointAnnotation> callback, bool createIfNotExists = true)
        where T : IResourceWithEndpoints
    {
        if (!builder.Resource.GetEndpoint(endpointName).Exists)
        {
            if (!createIfNotExists)
            {
                return builder;
            }

            builder.WithAnnotation(new EndpointAnnotation(endpointName));
        }

        callback(builder.Resource.GetEndpoint(endpointName).EndpointAnnotation);
        return builder;
    }

    /// <summary>Marks the HTTP endpoints as those for people outside the application.</summary>
    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder)
        where T : IResourceWithEndpoints
    {
        foreach (var endpoint in builder.Resource.GetEndpoints().Where(e => e.IsHttp))
        {
            endpoint.EndpointAnnotation.IsExternal = true;
        }

        return builder;
    }

    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, string name)
        where T : IResourceWithEndpoints => builder.Resource.GetEndpoint(name);

    public static EndpointReference GetEndpoint(this IResourceWithEndpoints resource, string endpointName) => new(resource, endpointName);

    public static IEnumerable<EndpointReference> GetEndpoints(this IResourceWithEndpoints resource) =>
        resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => resource.GetEndpoint(endpoint.Name)).ToArray();
}
