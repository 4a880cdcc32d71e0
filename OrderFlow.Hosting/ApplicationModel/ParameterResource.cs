namespace OrderFlow.Hosting.ApplicationModel;

/// <summary>A value that comes from outside: configuration <c>Parameters:{name}</c>, or a default.</summary>
public sealed class ParameterResource : Resource, IExpressionValue
{
    private readonly Lazy<string> _value;

    /// <param name="name">Name of the parameter.</param>
    /// <param name="callback">Finds the value, given the default if there is one; called once.</param>
    /// <param name="secret">True for a value that must never be shown.</param>
    public ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false)
        : base(name)
    {
        Secret = secret;
        _value = new(() => callback(Default));
    }

    public bool Secret { get; }

    public ParameterDefault? Default { get; set; }

    public string ValueExpression => $"{{{Name}.value}}";

    /// <exception cref="DistributedApplicationException">The parameter has neither a configured value nor a default.</exception>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(_value.Value);
}
