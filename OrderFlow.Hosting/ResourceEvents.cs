using OrderFlow.Hosting.ApplicationModel;

namespace OrderFlow.Hosting;

/// <summary>Callbacks for what happens to the application and to its resources.</summary>
public static class ResourceEvents
{
    /// <summary>Calls back when the model is complete and nothing runs yet.</summary>
    public static T OnBeforeStart<T>(this T builder, Func<BeforeStartEvent, CancellationToken, Task> callback)
        where T : IDistributedApplicationBuilder
    {
        builder.Eventing.Subscribe(callback);
        return builder;
    }

    /// <summary>Calls back when everything that the resource waits for is there, before it starts.</summary>
    public static IResourceBuilder<T> OnBeforeResourceStarted<T>(this IResourceBuilder<T> builder, Func<T, BeforeResourceStartedEvent, CancellationToken, Task> callback)
        where T : IResource
    {
        builder.ApplicationBuilder.Eventing.Subscribe<BeforeResourceStartedEvent>(builder.Resource, (happened, token) => callback(builder.Resource, happened, token));
        return builder;
    }

    /// <summary>Calls back when the endpoints of the resource have their addresses.</summary>
    public static IResourceBuilder<T> OnResourceEndpointsAllocated<T>(this IResourceBuilder<T> builder, Func<T, ResourceEndpointsAllocatedEvent, CancellationToken, Task> callback)
        where T : IResourceWithEndpoints
    {
        builder.ApplicationBuilder.Eventing.Subscribe<ResourceEndpointsAllocatedEvent>(builder.Resource, (happened, token) => callback(builder.Resource, happened, token));
        return builder;
    }

    /// <summary>Calls back when the resource is healthy for the first time. Who waits for the resource waits for the callback, too.</summary>
    public static IResourceBuilder<T> OnResourceReady<T>(this IResourceBuilder<T> builder, Func<T, ResourceReadyEvent, CancellationToken, Task> callback)
        where T : IResource
    {
        builder.ApplicationBuilder.Eventing.Subscribe<ResourceReadyEvent>(builder.Resource, (happened, token) => callback(builder.Resource, happened, token));
        return builder;
    }
}
