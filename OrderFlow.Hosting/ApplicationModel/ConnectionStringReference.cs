namespace OrderFlow.Hosting.ApplicationModel;

/// <summary>The connection string of a resource as another one uses it.</summary>
public sealed class ConnectionStringReference(IResourceWithConnectionString resource, bool optional) : IExpressionValue, IValueWithReferences
{
    public IResourceWithConnectionString Resource => resource;

    public bool Optional => optional;

    public string ValueExpression => resource.ValueExpression;

    IEnumerable<object> IValueWithReferences.References => [resource];

    /// <exception cref="DistributedApplicationException">The connection string is empty, and that is not allowed.</exception>
    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default)
    {
        var value = await resource.GetConnectionStringAsync(cancellationToken);
        return string.IsNullOrEmpty(value) && !optional
            ? throw new DistributedApplicationException($"The connection string of resource '{resource.Name}' is empty.")
            : value;
    }
}
