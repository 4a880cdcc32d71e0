using Microsoft.Extensions.DependencyInjection;
using OrderFlow.Hosting.ApplicationModel;
using OrderFlow.Hosting.Running;

namespace OrderFlow.Hosting;

/// <summary>When a resource is healthy, and who waits for that.</summary>
public static class ResourceHealth
{
    private const int Ok = 200;

    /// <summary>The resource is healthy only when the check registered under <paramref name="key"/> in <c>builder.Services.AddHealthChecks()</c> passes.</summary>
    public static IResourceBuilder<T> WithHealthCheck<T>(this IResourceBuilder<T> builder, string key)
        where T : IResource
    {
        if (builder.Resource.Annotations.OfType<HealthCheckAnnotation>().Any(check => check.Key == key))
        {
            throw new DistributedApplicationException($"Resource '{builder.Resource.Name}' has the health check '{key}' twice.");
        }

        return builder.WithAnnotation(new HealthCheckAnnotation(key));
    }

    /// <summary>The resource is healthy only when every process of it answers a GET with the status.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="path">Path and query, <c>/</c> by default.</param>
    /// <param name="statusCode">The expected status, 200 by default.</param>
    /// <param name="endpointName">The endpoint to ask; the first HTTP endpoint by default.</param>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints
    {
        var endpoint = endpointName is null ? builder.Resource.GetEndpoints().FirstOrDefault(e => e.IsHttp) : builder.GetEndpoint(endpointName);
        if (endpoint is not { Exists: true, IsHttp: true })
        {
            throw new DistributedApplicationException($"Resource '{builder.Resource.Name}' has no HTTP endpoint {endpointName} to check. Call WithHttpEndpoint before WithHttpHealthCheck.");
        }

        path ??= "/";
        var key = $"{builder.Resource.Name}_{endpoint.EndpointName}_{path}_{statusCode ?? Ok}_check";
        builder.ApplicationBuilder.Services.AddHealthChecks().AddCheck(key, new HttpHealthCheck(endpoint, path, statusCode ?? Ok));
        return builder.WithHealthCheck(key);
    }

    /// <summary>Starts the resource only when the other one is healthy. It does not stop when the other one dies later.</summary>
    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport => builder.Waits(new(dependency.Resource, WaitType.WaitUntilHealthy));

    /// <summary>Starts the resource only when the other one is healthy.</summary>
    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, WaitBehavior waitBehavior)
        where T : IResourceWithWaitSupport => builder.Waits(new(dependency.Resource, WaitType.WaitUntilHealthy) { WaitBehavior = waitBehavior });

    /// <summary>Starts the resource only when the other one has ended with the exit code.</summary>
    public static IResourceBuilder<T> WaitForCompletion<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, int exitCode = 0)
        where T : IResourceWithWaitSupport => builder.Waits(new(dependency.Resource, WaitType.WaitForCompletion, exitCode));

    private static IResourceBuilder<T> Waits<T>(this IResourceBuilder<T> builder, WaitAnnotation wait)
        where T : IResource => ReferenceEquals(wait.Resource, builder.Resource)
            ? throw new DistributedApplicationException($"Resource '{builder.Resource.Name}' cannot wait for itself.")
            : builder.WithAnnotation(wait);
}
