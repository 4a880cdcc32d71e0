using Npgsql;
using OrderFlow.Chaos.KeepLedger;
using OrderFlow.Chaos.TroubleMessages;
using OrderFlow.LoadTest.OfferLoad;

namespace OrderFlow.Chaos.ReadFacts;

/// <summary>Waits until the system is at rest: nobody waits for an answer, every queue and outbox is empty, every accepted order is told of.</summary>
internal sealed class RestWatch(Ledger ledger, AnswerCounts answers, DatabaseFacts databases, HttpClient management, BrokerMap map, Func<int> garbage, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>The broker's own statistics are up to five seconds old.</summary>
    private static readonly TimeSpan Sure = TimeSpan.FromSeconds(6);

    /// <summary>Nothing moves any more, and something is missing: longer waiting brings nothing.</summary>
    private static readonly TimeSpan Hopeless = TimeSpan.FromSeconds(40);

    /// <summary>What is waited for, for people.</summary>
    public string State { get; private set; } = "";

    /// <summary>What is left in queues and outboxes, as last seen.</summary>
    public IReadOnlyDictionary<string, long> Left { get; private set; } = new Dictionary<string, long>();

    /// <returns>Whether it came to rest in time.</returns>
    public async Task<bool> WaitAsync(TimeSpan patience, CancellationToken stop)
    {
        var start = time.GetTimestamp();
        long? still = null;
        while (time.GetElapsedTime(start) < patience && !stop.IsCancellationRequested)
        {
            var (moves, missing) = await LookAsync(stop);
            still = moves ? null : still ?? time.GetTimestamp();
            if (still is { } since && time.GetElapsedTime(since) > (missing ? Hopeless : Sure))
            {
                return !missing;
            }

            await Task.Delay(LookEvery, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    private async Task<(bool Moves, bool Missing)> LookAsync(CancellationToken stop)
    {
        try
        {
            var depths = await BrokerMap.DepthsAsync(management, stop);
            var left = new Dictionary<string, long>(await databases.OutboxesAsync(stop), StringComparer.Ordinal);
            foreach (var queue in (string[])[.. map.ServiceQueues, .. map.RetryQueues, map.TapQueue])
            {
                left[queue] = depths.GetValueOrDefault(queue);
            }

            var (open, waiting) = (ledger.CountOpen(), await databases.WaitingAsync(stop));
            var dead = map.DeadLetterQueues.Sum(queue => depths.GetValueOrDefault(queue));
            Left = left;
            State = $"{answers.InFlight} answers, {open} notifications, {waiting} payments, {left.Values.Sum()} messages and {Math.Max(0, garbage() - dead)} dead letters to come";
            return (answers.InFlight > 0 || left.Values.Any(count => count > 0), open > 0 || waiting > 0 || dead < garbage());
        }
        catch (Exception exception) when (exception is NpgsqlException or HttpRequestException or IOException or TimeoutException or OperationCanceledException)
        {
            State = $"the system does not answer: {exception.Message}";
            return (true, true);
        }
    }
}
