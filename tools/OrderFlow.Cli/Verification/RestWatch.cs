using OrderFlow.Cli.Load;

namespace OrderFlow.Cli.Verification;

/// <summary>Waits until the system is at rest: nobody waits for an answer, every queue and outbox is empty, every accepted order is told of.</summary>
/// <param name="ledger">Knows which customers wait.</param>
/// <param name="answers">Knows who waits for an answer.</param>
/// <param name="databases">Know which orders wait.</param>
/// <param name="transit">Looks at queues and outboxes.</param>
/// <param name="garbage">How much garbage must be in the dead-letter queues.</param>
/// <param name="time">The clock.</param>
internal sealed class RestWatch(Ledger ledger, AnswerCounts answers, DatabaseState databases, InTransit transit, Func<long> garbage, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

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
            if (still is { } since && time.GetElapsedTime(since) > (missing ? Hopeless : InTransit.Sure))
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
            var (left, dead) = await transit.ReadAsync(stop);
            var (open, waiting, expected) = (ledger.CountOpen(), await databases.WaitingAsync(stop), garbage());
            Left = left;
            State = $"{answers.InFlight} answers, {open} notifications, {waiting} payments, {left.Values.Sum()} messages and {Math.Max(0, expected - dead)} dead letters to come";
            // Each dead letter beside the garbage can be why one order does not end.
            return (answers.InFlight > 0 || left.Values.Any(count => count > 0), Math.Max(open, waiting) > Math.Max(0, dead - expected) || dead < expected);
        }
        catch (Exception exception) when (SystemTrouble.Is(exception))
        {
            State = $"the system does not answer: {exception.Message}";
            return (true, true);
        }
    }
}
