namespace OrderFlow.Hosting.ApplicationModel;

/// <summary>A port on which a resource listens.</summary>
public sealed class EndpointAnnotation : IResourceAnnotation
{
    private readonly TaskCompletionSource<AllocatedEndpoint> _allocated = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal EndpointAnnotation(string name) => Name = name;

    public string Name { get; }

    /// <summary>The port that others use; null for any free one.</summary>
    public int? Port { get; set; }

    /// <summary>The port that the process itself listens on; null for the same, or any free one behind the proxy.</summary>
    public int? TargetPort { get; set; }

    /// <summary>The host that the process listens on.</summary>
    public string TargetHost { get; set; } = "localhost";

    public string UriScheme { get; set; } = "tcp";

    public bool IsExternal { get; set; }

    /// <summary>False when the process must own <see cref="Port"/> itself. True allows a proxy, which the engine starts only where it is needed: for replicas.</summary>
    public bool IsProxied { get; set; } = true;

    /// <summary>Where the endpoint really is; null until the application starts.</summary>
    public AllocatedEndpoint? AllocatedEndpoint => _allocated.Task.IsCompletedSuccessfully ? _allocated.Task.Result : null;

    /// <summary>The environment variable that tells the process its port.</summary>
    internal string? PortVariable { get; set; }

    /// <summary>The port of each process; a single entry, equal to the public port, when there is no proxy.</summary>
    internal IReadOnlyList<int> TargetPorts { get; private set; } = [];

    internal Task<AllocatedEndpoint> Allocation => _allocated.Task;

    internal void Allocate(int port, IReadOnlyList<int> targetPorts)
    {
        TargetPorts = targetPorts;
        _allocated.SetResult(new(this, TargetHost, port));
    }
}

/// <summary>Where an endpoint really is.</summary>
public sealed class AllocatedEndpoint
{
    internal AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port)
    {
        Endpoint = endpoint;
        Address = address;
        Port = port;
    }

    public EndpointAnnotation Endpoint { get; }

    public string Address { get; }

    public int Port { get; }

    public string UriScheme => Endpoint.UriScheme;

    public string EndPointString => $"{Address}:{Port}";

    public string UriString => $"{UriScheme}://{EndPointString}";

    /// <inheritdoc />
    public override string ToString() => UriString;
}
