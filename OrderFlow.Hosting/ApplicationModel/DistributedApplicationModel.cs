namespace OrderFlow.Hosting.ApplicationModel;

/// <summary>The application as it was described, once it is built.</summary>
public sealed class DistributedApplicationModel(IResourceCollection resources)
{
    public IResourceCollection Resources => resources;
}
