namespace OrderFlow.Hosting.ApplicationModel;

/// <summary>Base of all resources.</summary>
public abstract class Resource : IResource
{
    private const int LongestName = 64;

    /// <exception cref="ArgumentException">The name is not made of letters, digits and single hyphens between them, starting with a letter.</exception>
    protected Resource(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (Complaint(name) is { } complaint)
        {
            throw new ArgumentException($"Resource name '{name}' is invalid: {complaint}", nameof(name));
        }

        Name = name;
    }

    public virtual string Name { get; }

    public virtual ResourceAnnotationCollection Annotations { get; } = [];

    /// <inheritdoc />
    public override string ToString() => $"{GetType().Name} {Name}";

    private static string? Complaint(string name) => name switch
    {
        { Length: > LongestName } => $"it is longer than {LongestName} characters.",
        _ when !name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-') => "only ASCII letters, digits and hyphens are allowed.",
        _ when !char.IsAsciiLetter(name[0]) => "it must start with an ASCII letter.",
        _ when name.EndsWith('-') => "it must not end with a hyphen.",
        _ when name.Contains("--", StringComparison.Ordinal) => "it must not contain two hyphens in a row.",
        _ => null,
    };
}
