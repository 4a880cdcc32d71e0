namespace OrderFlow.Hosting.ApplicationModel;

/// <summary>An address of a resource as people are shown it.</summary>
public sealed class ResourceUrlAnnotation : IResourceAnnotation
{
    public required string Url { get; set; }

    /// <summary>What it is, in a word or two.</summary>
    public string? DisplayText { get; set; }

    /// <summary>The endpoint that it is of; <see langword="null"/> for any other address.</summary>
    public EndpointReference? Endpoint { get; init; }
}

/// <summary>Changes the addresses that people are shown once the endpoints are known.</summary>
public sealed class ResourceUrlsCallbackAnnotation(Func<ResourceUrlsCallbackContext, Task> callback) : IResourceAnnotation
{
    public Func<ResourceUrlsCallbackContext, Task> Callback => callback;
}

/// <summary>The addresses of a resource.</summary>
public sealed class ResourceUrlsCallbackContext(IResource resource, List<ResourceUrlAnnotation> urls, CancellationToken cancellationToken)
{
    public IResource Resource => resource;

    /// <summary>One for each endpoint at first; a callback may change them and add others.</summary>
    public List<ResourceUrlAnnotation> Urls => urls;

    public CancellationToken CancellationToken => cancellationToken;
}
