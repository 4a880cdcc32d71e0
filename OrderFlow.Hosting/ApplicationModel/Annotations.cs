namespace OrderFlow.Hosting.ApplicationModel;

/// <summary>Adds environment variables when the resource starts.</summary>
public sealed class EnvironmentCallbackAnnotation(Func<EnvironmentCallbackContext, Task> callback) : IResourceAnnotation
{
    public Func<EnvironmentCallbackContext, Task> Callback => callback;
}

/// <summary>Adds command line arguments when the resource starts.</summary>
public sealed class CommandLineArgsCallbackAnnotation(Func<CommandLineArgsCallbackContext, Task> callback) : IResourceAnnotation
{
    public Func<CommandLineArgsCallbackContext, Task> Callback => callback;
}

/// <summary>How many processes a project runs as.</summary>
public sealed class ReplicaAnnotation(int replicas = 1) : IResourceAnnotation
{
    public int Replicas => replicas;
}

/// <summary>The key of a health check that must pass for the resource to be healthy.</summary>
public sealed class HealthCheckAnnotation(string key) : IResourceAnnotation
{
    public string Key => key;
}

/// <summary>The resource uses another one: it stops first.</summary>
public sealed class ResourceRelationshipAnnotation(IResource resource, string type) : IResourceAnnotation
{
    public IResource Resource => resource;

    public string Type => type;
}

/// <summary>The resource starts only when another one got far enough.</summary>
public sealed class WaitAnnotation(IResource resource, WaitType waitType, int exitCode = 0) : IResourceAnnotation
{
    public IResource Resource => resource;

    public WaitType WaitType => waitType;

    public int ExitCode => exitCode;

    public WaitBehavior? WaitBehavior { get; init; }
}

/// <summary>How far the other resource must be.</summary>
public enum WaitType
{
    WaitUntilHealthy = 0,
    WaitForCompletion = 1,
}

/// <summary>What to do when the resource that is waited for ended or could not start.</summary>
public enum WaitBehavior
{
    WaitOnResourceUnavailable = 0,
    StopOnResourceUnavailable = 1,
}
