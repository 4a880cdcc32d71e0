using OrderFlow.Hosting.Eventing;

namespace OrderFlow.Hosting.ApplicationModel;

/// <summary>The model is complete, nothing runs yet. An exception from a subscriber ends the start.</summary>
public sealed class BeforeStartEvent(IServiceProvider services, DistributedApplicationModel model) : IDistributedApplicationEvent
{
    public IServiceProvider Services => services;

    public DistributedApplicationModel Model => model;
}

/// <summary>The resource is about to start: everything that it waits for is there. An exception from a subscriber keeps it from starting.</summary>
public sealed class BeforeResourceStartedEvent(IResource resource, IServiceProvider services) : IDistributedApplicationResourceEvent
{
    public IResource Resource => resource;

    public IServiceProvider Services => services;
}

/// <summary>The endpoints of the resource have their addresses.</summary>
public sealed class ResourceEndpointsAllocatedEvent(IResource resource, IServiceProvider services) : IDistributedApplicationResourceEvent
{
    public IResource Resource => resource;

    public IServiceProvider Services => services;
}

/// <summary>The resource is healthy for the first time.</summary>
public sealed class ResourceReadyEvent(IResource resource, IServiceProvider services) : IDistributedApplicationResourceEvent
{
    public IResource Resource => resource;

    public IServiceProvider Services => services;
}
