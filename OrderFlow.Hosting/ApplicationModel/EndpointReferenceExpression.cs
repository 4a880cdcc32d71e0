namespace OrderFlow.Hosting.ApplicationModel;

/// <summary>What to take of an endpoint.</summary>
public enum EndpointProperty
{
    Url = 0,
    Host = 1,
    IPV4Host = 2,
    Port = 3,
    Scheme = 4,

    /// <summary>The port that the process itself listens on; with replicas it differs per process.</summary>
    TargetPort = 5,
    HostAndPort = 6,
}

/// <summary>One property of an endpoint. Its value waits for the endpoint to get its address.</summary>
public sealed class EndpointReferenceExpression(EndpointReference endpointReference, EndpointProperty property) : IExpressionValue, IValueWithReferences
{
    public EndpointReference Endpoint => endpointReference;

    public EndpointProperty Property => property;

    public string ValueExpression =>
        $"{{{endpointReference.Resource.Name}.bindings.{endpointReference.EndpointName}.{char.ToLowerInvariant(property.ToString()[0])}{property.ToString()[1..]}}}";

    IEnumerable<object> IValueWithReferences.References => [endpointReference];

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => GetValueAsync(new ValueProviderContext(), cancellationToken);

    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default)
    {
        var endpoint = endpointReference.EndpointAnnotation;
        var allocated = await endpoint.Allocation.WaitAsync(cancellationToken);
        return property switch
        {
            EndpointProperty.Url => allocated.UriString,
            EndpointProperty.Host => allocated.Address,
            EndpointProperty.IPV4Host => "127.0.0.1",
            EndpointProperty.Port => $"{allocated.Port}",
            EndpointProperty.Scheme => allocated.UriScheme,
            EndpointProperty.TargetPort => $"{endpoint.TargetPorts[ReferenceEquals(context.Caller, endpointReference.Resource) ? context.Replica : 0]}",
            EndpointProperty.HostAndPort => allocated.EndPointString,
            _ => throw new InvalidOperationException($"Endpoints have no property {property}."),
        };
    }
}
