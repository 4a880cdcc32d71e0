using OrderFlow.Cli.Ledgers;

namespace OrderFlow.Cli.Load;

/// <summary>Sends every order when it is due and never waits for an answer.</summary>
/// <param name="schedule">When each order is due.</param>
/// <param name="send">Sends an order, by its number and the timestamp at which it was due; must not throw, and must end the order in the
/// counts.</param>
/// <param name="answers">Counts what waits for its answer.</param>
/// <param name="maxInFlight">Most orders that wait; what is due beyond is not sent.</param>
/// <param name="time">The clock.</param>
internal sealed class OpenLoop(
    ArrivalSchedule schedule, Func<long, long, Task> send, AnswerCounts answers, int maxInFlight, TimeProvider time)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private long _offered;

    /// <summary>How many orders have been due.</summary>
    public long Offered => Interlocked.Read(ref _offered);

    /// <summary>Returns when the last order was sent, or when stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var start = time.GetTimestamp();
        for (long number = 0; number < schedule.Total && !stop.IsCancellationRequested;)
        {
            for (var due = schedule.DueBy(time.GetElapsedTime(start)); number < due; number++)
            {
                Offer(number, start + (long)(schedule.DueAt(number).TotalSeconds * time.TimestampFrequency));
            }

            if (number < schedule.Total)
            {
                var wait = schedule.DueAt(number) - time.GetElapsedTime(start);
                await Task.Delay(wait > Tick ? wait : Tick, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Offer(long number, long dueAt)
    {
        Interlocked.Increment(ref _offered);
        if (answers.TryBegin(maxInFlight))
        {
            _ = send(number, dueAt);
        }
    }
}
