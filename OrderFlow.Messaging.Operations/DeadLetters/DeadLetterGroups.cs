namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>Counts dead letters by their cause.</summary>
internal sealed class DeadLetterGroups
{
    private const int MostEventTypes = 10;
    private readonly Dictionary<DeadLetterGroupKey, DeadLetterGroup> _groups = [];

    private readonly HashSet<(DeadLetterGroupKey Group, string Id)> _aggregates = [];

    public int Count { get; private set; }

    public int Aggregates => _aggregates.Select(one => one.Id).Distinct(StringComparer.Ordinal).Count();

    /// <summary>Returns the same with the key of its group, which all of them share in memory.</summary>
    public DeadLetter Add(DeadLetter letter)
    {
        Count++;
        var group = _groups.GetValueOrDefault(letter.Key)
            ?? new DeadLetterGroup
            {
                Key = letter.Key,
                Count = 0,
                EventTypes = [],
                ExampleMessageId = letter.MessageId,
                ExampleMessage = letter.ExceptionMessage,
            };
        _groups[group.Key] = group with
        {
            Count = group.Count + 1,
            Aggregates = letter.AggregateId is { } id && _aggregates.Add((group.Key, id)) ? group.Aggregates + 1 : group.Aggregates,
            Oldest = group.Oldest <= letter.DeadLetteredAt ? group.Oldest : letter.DeadLetteredAt ?? group.Oldest,
            Newest = group.Newest >= letter.DeadLetteredAt ? group.Newest : letter.DeadLetteredAt ?? group.Newest,
            EventTypes = letter.EventType is { } type && group.EventTypes.Count < MostEventTypes && !group.EventTypes.Contains(
                type, StringComparer.Ordinal)
                ? [.. group.EventTypes, type]
                : group.EventTypes,
        };
        return letter with { Key = group.Key };
    }

    public IReadOnlyList<DeadLetterGroup> ToList() =>
        [.. _groups.Values.OrderByDescending(group => group.Count).ThenBy(group => group.Id, StringComparer.Ordinal)];
}
