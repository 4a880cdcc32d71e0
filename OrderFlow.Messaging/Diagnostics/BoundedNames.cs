using System.Collections.Concurrent;

namespace OrderFlow.Messaging.Diagnostics;

/// <summary>
/// Names that come from messages and go into a label: the first few that look like a service's name, the rest is <c>unknown</c>, or
/// another <paramref name="beyond"/>.
/// </summary>
public sealed class BoundedNames(string beyond = Tags.Unknown)
{
    private const int Most = 32;
    private const int LongestName = 64;
    private readonly ConcurrentDictionary<string, string> _names = new(StringComparer.Ordinal);

    public string Bound(string? name)
    {
        if (name is null || _names.TryGetValue(name, out _))
        {
            return name ?? beyond;
        }

        if (_names.Count >= Most
            || name.Length is 0 or > LongestName
            || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or '_')))
        {
            return beyond;
        }

        return _names.GetOrAdd(name, name);
    }
}
