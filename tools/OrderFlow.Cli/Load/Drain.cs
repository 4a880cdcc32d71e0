using OrderFlow.Cli.Ledgers;

namespace OrderFlow.Cli.Load;

/// <summary>Waits for what was accepted, until all of it arrived or nothing has happened for too long.</summary>
internal sealed class Drain(OrderLedger ledger, AnswerCounts answers, TimeSpan patience, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>A second notification of an order comes a little later, and an order without a clear answer may still arrive.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SettleUnknown = TimeSpan.FromSeconds(3);

    public async Task RunAsync(CancellationToken stop)
    {
        var began = time.GetTimestamp();
        while (!stop.IsCancellationRequested && !IsOver(time.GetElapsedTime(began)))
        {
            await Task.Delay(LookEvery, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool IsOver(TimeSpan waited)
    {
        if (answers.InFlight > 0)
        {
            // Bounded by the client's own time-out.
            return false;
        }

        var counts = ledger.Count();
        var quiet = counts.QuietFor < waited ? counts.QuietFor : waited;
        return counts.InFlight == 0
            ? counts.QuietFor >= (answers.Unknown > 0 ? SettleUnknown : Settle)
            : quiet >= patience;
    }
}
