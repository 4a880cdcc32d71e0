using OrderFlow.Cli.Connections;

namespace OrderFlow.Cli.Observation;

/// <summary>
/// Counts the messages in flight: in the services' queues, those of their retries, that of the Monitor, and in outboxes. Dead letters are
/// not.
/// </summary>
internal sealed class InFlightMessages(DatabaseReader databases, HttpClient management, BrokerTopology topology)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>The broker's own statistics are up to five seconds old.</summary>
    public static readonly TimeSpan Sure = TimeSpan.FromSeconds(6);

    private string[] Queues { get; } =
    [
        .. topology.ServiceQueues, .. topology.RetryQueues, .. topology.UndeliveredQueues, topology.TapQueue,
    ];

    /// <returns>The messages in each of them, and the number of dead letters.</returns>
    public async Task<(IReadOnlyDictionary<string, long> Remaining, long DeadLetters)> ReadAsync(CancellationToken cancellationToken)
    {
        var depths = await BrokerTopology.DepthsAsync(management, cancellationToken);
        var remaining = new Dictionary<string, long>(await databases.OutboxesAsync(cancellationToken), StringComparer.Ordinal);
        foreach (var queue in Queues)
        {
            remaining[queue] = depths.GetValueOrDefault(queue);
        }

        return (remaining, topology.DeadLetterQueues.Sum(queue => depths.GetValueOrDefault(queue)));
    }

    /// <summary>
    /// Waits until every queue is there and nothing has been in any of them, or in an outbox, for longer than the broker's statistics are
    /// old.
    /// </summary>
    /// <returns><see langword="null"/> when it is so; otherwise what there was at the end of the patience.</returns>
    public async Task<string?> WaitUntilEmptyAsync(TimeSpan patience, TimeProvider time, CancellationToken stop)
    {
        var start = time.GetTimestamp();
        long? still = null;
        var obstacle = "nobody looked";
        while (!stop.IsCancellationRequested)
        {
            obstacle = await ObstacleAsync(stop);
            still = obstacle is null ? still ?? time.GetTimestamp() : null;
            if (still is { } since && time.GetElapsedTime(since) >= Sure)
            {
                return null;
            }

            if (time.GetElapsedTime(start) > patience)
            {
                break;
            }

            await Task.Delay(LookEvery, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return obstacle ?? "it was not empty for long enough";
    }

    private async Task<string?> ObstacleAsync(CancellationToken cancellationToken)
    {
        try
        {
            var depths = await BrokerTopology.DepthsAsync(management, cancellationToken);
            var outboxes = await databases.OutboxesAsync(cancellationToken);
            return Queues.FirstOrDefault(queue => !depths.ContainsKey(queue)) is { } missing ? $"{missing} is not there"
                : Queues.FirstOrDefault(queue => depths[queue] > 0) is { } full ? $"{full} holds {depths[full]}"
                : outboxes.FirstOrDefault(outbox => outbox.Value > 0) is { Key: { } name, Value: var count } ? $"{name} holds {count}"
                : null;
        }
        catch (Exception exception) when (TransientErrors.OfSystem(exception))
        {
            return $"the system does not answer: {exception.Message}";
        }
    }
}
