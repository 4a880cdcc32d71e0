namespace OrderFlow.Hosting.ApplicationModel;

/// <summary>An endpoint of a resource, by name. Its value is its URL.</summary>
public sealed class EndpointReference(IResourceWithEndpoints owner, string endpointName) : IExpressionValue, IValueWithReferences
{
    public IResourceWithEndpoints Resource => owner;

    public string EndpointName => endpointName;

    public bool Exists => Find() is not null;

    public bool IsAllocated => Find()?.AllocatedEndpoint is not null;

    public EndpointAnnotation EndpointAnnotation => Find() ?? throw new InvalidOperationException(
        $"Resource '{owner.Name}' has no endpoint '{endpointName}'. It has: {string.Join(", ", owner.Annotations.OfType<EndpointAnnotation>().Select(e => e.Name).DefaultIfEmpty("none"))}.");

    public string Scheme => EndpointAnnotation.UriScheme;

    public bool IsHttp => string.Equals(Scheme, "http", StringComparison.OrdinalIgnoreCase);

    public string Host => Allocated.Address;

    public int Port => Allocated.Port;

    public int? TargetPort => EndpointAnnotation.TargetPort;

    public string Url => Allocated.UriString;

    public string ValueExpression => $"{{{owner.Name}.bindings.{endpointName}.url}}";

    IEnumerable<object> IValueWithReferences.References => [owner];

    private AllocatedEndpoint Allocated => EndpointAnnotation.AllocatedEndpoint ?? throw new InvalidOperationException(
        $"Endpoint '{endpointName}' of resource '{owner.Name}' has no address yet: addresses are given when the application starts. Use the reference itself, or read it in a callback.");

    public EndpointReferenceExpression Property(EndpointProperty property) => new(this, property);

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => Property(EndpointProperty.Url).GetValueAsync(cancellationToken);

    private EndpointAnnotation? Find() => owner.Annotations.OfType<EndpointAnnotation>()
        .FirstOrDefault(e => string.Equals(e.Name, endpointName, StringComparison.OrdinalIgnoreCase));
}
