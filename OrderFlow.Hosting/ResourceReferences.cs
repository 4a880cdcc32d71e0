using OrderFlow.Hosting.ApplicationModel;

namespace OrderFlow.Hosting;

/// <summary>Tells a resource how to reach another one, by environment variables.</summary>
public static class ResourceReferences
{
    /// <summary>Injects <c>ConnectionStrings__{name}</c> and the connection's properties as <c>{NAME}_{PROPERTY}</c>.</summary>
    /// <param name="builder">The resource that uses the other one.</param>
    /// <param name="source">The other one.</param>
    /// <param name="connectionName">Name of the connection string; the resource's name by default.</param>
    /// <param name="optional">True when an empty connection string is no error.</param>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithConnectionString> source,
        string? connectionName = null,
        bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        var resource = source.Resource;
        connectionName ??= resource.Name;
        return builder.Uses(resource).WithEnvironment(context =>
        {
            var variable = resource.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{connectionName}";
            context.EnvironmentVariables[variable] = new ConnectionStringReference(resource, optional);
            foreach (var (property, value) in resource.GetConnectionProperties())
            {
                context.EnvironmentVariables[$"{VariableName(connectionName)}_{property.ToUpperInvariant()}"] = value;
            }
        });
    }

    /// <summary>Injects every endpoint of the other resource as <c>services__{resource}__{endpoint}__0</c> and <c>{RESOURCE}_{ENDPOINT}</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment => builder.WithEndpoints(source.Resource, source.Resource.Name.ToUpperInvariant(), source.Resource.Name, endpointName: null);

    /// <summary>The same, under another name.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithServiceDiscovery> source,
        string name)
        where TDestination : IResourceWithEnvironment => builder.WithEndpoints(source.Resource, name, name, endpointName: null);

    /// <summary>Injects one endpoint of a resource.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment =>
        builder.WithEndpoints(endpointReference.Resource, endpointReference.Resource.Name.ToUpperInvariant(), endpointReference.Resource.Name, endpointReference.EndpointName);

    /// <summary>Injects a service that is no resource, as <c>services__{name}__default__0</c> and <c>{name}</c>.</summary>
    /// <exception cref="InvalidOperationException">The URI is relative, or it has a path.</exception>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, string name, Uri uri)
        where TDestination : IResourceWithEnvironment
    {
        if (!uri.IsAbsoluteUri || uri.AbsolutePath != "/")
        {
            throw new InvalidOperationException($"The URI of service reference '{name}' must be absolute and its path '/': {uri}");
        }

        return builder.WithEnvironment(VariableName(name), uri.ToString()).WithEnvironment($"services__{name}__default__0", uri.ToString());
    }

    internal static IResourceBuilder<T> Uses<T>(this IResourceBuilder<T> builder, IResource other)
        where T : IResource => builder.WithAnnotation(new ResourceRelationshipAnnotation(other, "Reference"));

    private static IResourceBuilder<T> WithEndpoints<T>(this IResourceBuilder<T> builder, IResourceWithEndpoints source, string prefix, string serviceName, string? endpointName)
        where T : IResourceWithEnvironment => builder.Uses(source).WithEnvironment(context =>
        {
            // Read when the resource starts: endpoints may be added after the reference.
            foreach (var endpoint in source.GetEndpoints().Where(e => endpointName is null || string.Equals(e.EndpointName, endpointName, StringComparison.OrdinalIgnoreCase)))
            {
                context.EnvironmentVariables[$"{VariableName(prefix)}_{VariableName(endpoint.EndpointName).ToUpperInvariant()}"] = endpoint;
                context.EnvironmentVariables[DiscoveryVariable(context, serviceName, endpoint)] = endpoint;
            }
        });

    private static string DiscoveryVariable(EnvironmentCallbackContext context, string serviceName, EndpointReference endpoint)
    {
        var index = 0;
        string variable;
        do
        {
            variable = $"services__{serviceName}__{endpoint.EndpointName}__{index++}";
        }
        while (context.EnvironmentVariables.TryGetValue(variable, out var other) && !SameEndpoint(other, endpoint));

        return variable;
    }

    private static bool SameEndpoint(object value, EndpointReference endpoint) =>
        value is EndpointReference other && ReferenceEquals(other.Resource, endpoint.Resource) && other.EndpointName == endpoint.EndpointName;

    private static string VariableName(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
}
