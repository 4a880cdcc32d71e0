namespace OrderFlow.Gateway.PlaceOrder;

/// <summary>Everything that is wrong with one order, so that one answer names all of it.</summary>
internal sealed class OrderErrors
{
    private Dictionary<string, string[]>? _fields;

    /// <summary>Why the body could not be read at all; <see langword="null"/> when it could.</summary>
    public string? Malformed { get; private set; }

    /// <summary>The wrong fields in the order they were found, by path, such as <c>items[0].quantity</c>.</summary>
    public IReadOnlyDictionary<string, string[]>? Fields => _fields;

    public bool Any => Malformed is not null || _fields is not null;

    public void CannotRead(string why) => Malformed = why;

    public void Add(FieldPath path, string message)
    {
        var field = path.ToString();
        _fields ??= new(StringComparer.Ordinal);
        _fields[field] = _fields.TryGetValue(field, out var before) ? [.. before, message] : [message];
    }
}
