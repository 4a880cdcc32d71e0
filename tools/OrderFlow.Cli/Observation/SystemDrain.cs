using OrderFlow.Cli.Connections;
using OrderFlow.Cli.Ledgers;

namespace OrderFlow.Cli.Observation;

/// <summary>
/// Waits until the system has settled: no request in flight, every queue and outbox empty, every accepted order notified.
/// </summary>
/// <param name="ledger">Counts accepted orders without a notification.</param>
/// <param name="answers">Counts requests in flight.</param>
/// <param name="databases">Count orders that wait for their payment.</param>
/// <param name="inFlight">Reads queues and outboxes.</param>
/// <param name="garbage">How much garbage must be in the dead-letter queues.</param>
/// <param name="time">The clock.</param>
internal sealed class SystemDrain(
    CustomerLedger ledger,
    AnswerCounts answers,
    DatabaseReader databases,
    InFlightMessages inFlight,
    Func<long> garbage,
    TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>Nothing moves any more, and something is missing: longer waiting brings nothing.</summary>
    private static readonly TimeSpan Hopeless = TimeSpan.FromSeconds(40);

    /// <summary>What is waited for, for people.</summary>
    public string State { get; private set; } = "";

    /// <summary>What remains in queues and outboxes, as last seen.</summary>
    public IReadOnlyDictionary<string, long> Remaining { get; private set; } = new Dictionary<string, long>();

    /// <returns>Whether it settled in time.</returns>
    public async Task<bool> WaitAsync(TimeSpan patience, CancellationToken stop)
    {
        var start = time.GetTimestamp();
        long? still = null;
        while (time.GetElapsedTime(start) < patience && !stop.IsCancellationRequested)
        {
            var (moves, missing) = await LookAsync(stop);
            still = moves ? null : still ?? time.GetTimestamp();
            if (still is { } since && time.GetElapsedTime(since) > (missing ? Hopeless : InFlightMessages.Sure))
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
            var (remaining, dead) = await inFlight.ReadAsync(stop);
            var (open, waiting, expected) = (ledger.CountInFlight(), await databases.WaitingAsync(stop), garbage());
            Remaining = remaining;
            State = $"{answers.InFlight} answers, {open} notifications, {waiting} payments, "
                + $"{remaining.Values.Sum()} messages and {Math.Max(0, expected - dead)} dead letters to come";
            // Each dead letter beside the garbage can be why one order does not end.
            return (
                answers.InFlight > 0 || remaining.Values.Any(count => count > 0),
                Math.Max(open, waiting) > Math.Max(0, dead - expected) || dead < expected);
        }
        catch (Exception exception) when (TransientErrors.OfSystem(exception))
        {
            State = $"the system does not answer: {exception.Message}";
            return (true, true);
        }
    }
}
