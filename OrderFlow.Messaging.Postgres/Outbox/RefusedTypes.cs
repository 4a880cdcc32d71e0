using System.Collections.Concurrent;

namespace OrderFlow.Messaging.Postgres.Outbox;

/// <summary>
/// The wire types of which the broker has refused an event, and has taken none since. When it takes one again, its consumer is back: then
/// those that were put off need not wait any longer.
/// </summary>
internal sealed class RefusedTypes
{
    private readonly ConcurrentDictionary<string, bool> _types = new(StringComparer.Ordinal);

    public void Add(string wireType) => _types[wireType] = true;

    /// <returns>Of the types that were taken now those that were refused before.</returns>
    public string[] TakenAgain(IEnumerable<string> taken) =>
        _types.IsEmpty ? [] : [.. taken.Distinct(StringComparer.Ordinal).Where(type => _types.TryRemove(type, out _))];
}
