namespace OrderFlow.Messaging.Replaying;

/// <summary>Counts dead letters by their cause.</summary>
internal sealed class DeadLetterGroups
{
    private const int MostEventTypes = 10;
    private readonly Dictionary<DeadLetterGroupKey, DeadLetterGroup> groups = [];

    public int Count { get; private set; }

    public void Add(DeadLetter letter)
    {
        Count++;
        var group = groups.GetValueOrDefault(letter.Key)
            ?? new DeadLetterGroup { Key = letter.Key, Count = 0, EventTypes = [], ExampleMessageId = letter.MessageId, ExampleMessage = letter.ExceptionMessage };
        groups[letter.Key] = group with
        {
            Count = group.Count + 1,
            Oldest = group.Oldest <= letter.DeadLetteredAt ? group.Oldest : letter.DeadLetteredAt ?? group.Oldest,
            Newest = group.Newest >= letter.DeadLetteredAt ? group.Newest : letter.DeadLetteredAt ?? group.Newest,
            EventTypes = letter.EventType is { } type && group.EventTypes.Count < MostEventTypes && !group.EventTypes.Contains(type, StringComparer.Ordinal)
                ? [.. group.EventTypes, type]
                : group.EventTypes,
        };
    }

    public IReadOnlyList<DeadLetterGroup> ToList() => [.. groups.Values.OrderByDescending(group => group.Count).ThenBy(group => group.Id, StringComparer.Ordinal)];
}
