namespace OrderFlow.Hosting.ApplicationModel;

/// <summary>Given to callbacks that add environment variables. A value is a string or an <see cref="IValueProvider"/>.</summary>
public sealed class EnvironmentCallbackContext
{
    internal EnvironmentCallbackContext(
        DistributedApplicationExecutionContext executionContext,
        IResource resource,
        Dictionary<string, object> environmentVariables,
        CancellationToken cancellationToken)
    {
        ExecutionContext = executionContext;
        Resource = resource;
        EnvironmentVariables = environmentVariables;
        CancellationToken = cancellationToken;
    }

    public DistributedApplicationExecutionContext ExecutionContext { get; }

    public IResource Resource { get; }

    public Dictionary<string, object> EnvironmentVariables { get; }

    public CancellationToken CancellationToken { get; }
}

/// <summary>Given to callbacks that add command line arguments. A value is a string or an <see cref="IValueProvider"/>.</summary>
public sealed class CommandLineArgsCallbackContext
{
    internal CommandLineArgsCallbackContext(IList<object> args, IResource resource, CancellationToken cancellationToken)
    {
        Args = args;
        Resource = resource;
        CancellationToken = cancellationToken;
    }

    public IList<object> Args { get; }

    public IResource Resource { get; }

    public CancellationToken CancellationToken { get; }
}
