namespace OrderFlow.Hosting;

/// <summary>Tells callbacks why the model is evaluated. The local engine only runs applications; it publishes none.</summary>
public sealed class DistributedApplicationExecutionContext
{
    private IServiceProvider? _services;

    internal DistributedApplicationExecutionContext()
    {
    }

    /// <summary>Always true here.</summary>
    public bool IsRunMode { get; } = true;

    /// <summary>Always false here.</summary>
    public bool IsPublishMode { get; }

    /// <summary>The services of the built application.</summary>
    /// <exception cref="InvalidOperationException">The application is not built yet.</exception>
    public IServiceProvider ServiceProvider
    {
        get => _services ?? throw new InvalidOperationException("The application is not built yet, so it has no services. Ask for them in a callback.");
        internal set => _services = value;
    }
}
