using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Messaging.Postgres.Outbox;

/// <summary>
/// Publishes events so that one is sent only when the broker has confirmed the one of its aggregate before it: pipelined in rounds, each
/// with the next event of every aggregate. Mostly there is one round, for events of one aggregate rarely come so close together.
/// </summary>
internal static class OrderedPublishing
{
    /// <summary>The outcome of an event that was not sent, because an earlier one of its aggregate failed.</summary>
    public static readonly Exception HeldBack = new InvalidOperationException("An earlier event of the aggregate waits in the outbox.");

    public static async Task<IReadOnlyList<Exception?>> PublishAsync(
        IEncodedEventPublisher publisher, List<EncodedEvent> events, CancellationToken cancellationToken)
    {
        var failures = new Exception?[events.Count];
        var failed = new HashSet<string>(StringComparer.Ordinal);
        List<int> left = [.. Enumerable.Range(0, events.Count)];
        while (left.Count > 0)
        {
            (var round, left) = Split(events, left);
            round.RemoveAll(HoldBack);
            var outcomes = round.Count == 0 ? [] : await publisher.PublishAsync(
                [.. round.Select(index => events[index])], packed: false, cancellationToken);
            foreach (var (index, failure) in round.Zip(outcomes))
            {
                failures[index] = failure;
                if (failure is not null && events[index].Context.AggregateId is { } aggregate)
                {
                    failed.Add(aggregate);
                }
            }
        }

        return failures;

        bool HoldBack(int index)
        {
            if (events[index].Context.AggregateId is not { } aggregate || !failed.Contains(aggregate))
            {
                return false;
            }

            failures[index] = HeldBack;
            return true;
        }
    }

    private static (List<int> Round, List<int> Later) Split(List<EncodedEvent> events, List<int> left)
    {
        var aggregates = new HashSet<string>(StringComparer.Ordinal);
        var byTurn = left.ToLookup(index => events[index].Context.AggregateId is not { } aggregate || aggregates.Add(aggregate));
        return ([.. byTurn[true]], [.. byTurn[false]]);
    }
}
