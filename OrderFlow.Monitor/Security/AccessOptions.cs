namespace OrderFlow.Monitor.Security;

/// <summary>What <see cref="AccessCheck"/> lets through without the token.</summary>
internal sealed class AccessOptions
{
    /// <summary>Paths that are open, or whose endpoints ask for a key of their own. A folder adds those that it maps.</summary>
    public ISet<string> OpenPaths { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
}
