using OrderFlow.Hosting.ApplicationModel;

namespace OrderFlow.Hosting;

/// <summary>The addresses of resources as people are shown them.</summary>
public static class ResourceUrls
{
    /// <summary>Calls back when everything is healthy, before the addresses are shown.</summary>
    public static IResourceBuilder<T> WithUrls<T>(this IResourceBuilder<T> builder, Func<ResourceUrlsCallbackContext, Task> callback)
        where T : IResource => builder.WithAnnotation(new ResourceUrlsCallbackAnnotation(callback));

    /// <summary>What is shown of a resource.</summary>
    internal static async Task<IReadOnlyList<ResourceUrlAnnotation>> ShownUrlsAsync(this IResource resource, CancellationToken cancellationToken)
    {
        var urls = resource.Annotations.OfType<EndpointAnnotation>()
            .Select(endpoint => new ResourceUrlAnnotation
            {
                Url = $"{endpoint.AllocatedEndpoint}",
                Endpoint = resource is IResourceWithEndpoints owner ? new EndpointReference(owner, endpoint.Name) : null,
            })
            .ToList();
        var context = new ResourceUrlsCallbackContext(resource, urls, cancellationToken);
        foreach (var annotation in resource.Annotations.OfType<ResourceUrlsCallbackAnnotation>().ToArray())
        {
            await annotation.Callback(context);
        }

        return urls;
    }
}
