using OrderFlow.AppHost;
using OrderFlow.Cli.CommandLine;

namespace OrderFlow.Cli.Faults.Outage;

/// <summary>
/// Kills the Monitor with SIGKILL and keeps it away: the AppHost starts it again after a growing pause, and each process that it starts is
/// killed as soon as it is there, until the time is over. The next one is left alone.
/// </summary>
internal sealed class MonitorOutage(
    OutagePlan plan, SystemProcesses processes, StoreWatch store, Func<ResourceUsage> usage, TimeProvider time, Action<string> report)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    private string _phase = "warming up";

    /// <summary>The outage at one moment, for people.</summary>
    public string State => $"{_phase}, {store.Waiting} events wait for the Monitor";

    /// <param name="stop">Shortens every phase; a Monitor that is away comes back all the same.</param>
    /// <param name="stopWaiting">Does not wait for it to catch up either.</param>
    /// <returns><see langword="null"/> when it was stopped before the Monitor was killed.</returns>
    /// <exception cref="CommandException">The Monitor was not started again.</exception>
    public async Task<OutageTimes?> RunAsync(CancellationToken stop, CancellationToken stopWaiting)
    {
        using var over = new CancellationTokenSource();
        var watching = store.RunAsync(over.Token);
        try
        {
            return await TakeAwayAsync(stop, stopWaiting);
        }
        finally
        {
            await over.CancelAsync();
            await watching;
        }
    }

    private async Task<OutageTimes?> TakeAwayAsync(CancellationToken stop, CancellationToken stopWaiting)
    {
        await WaitAsync(plan.WarmUp, stop);
        _phase = "before";
        var beginning = usage();
        await WaitAsync(plan.Before, stop);
        if (stop.IsCancellationRequested)
        {
            return null;
        }

        _phase = "away";
        var killed = usage();
        var kills = await KeepAwayAsync(killed.At, stop);
        var back = usage();
        report(
            $"The Monitor is back after {time.GetElapsedTime(killed.At, back.At).TotalSeconds:0.0} s; "
            + $"{store.Waiting} events wait for it.");
        _phase = "catching up";
        var caughtUp = await CatchUpAsync(back.At, stopWaiting);
        report(
            caughtUp is { } at
                ? $"It has caught up, {time.GetElapsedTime(back.At, at).TotalSeconds:0.0} s after it was back."
                : "It has not caught up.");
        _phase = "after";
        await WaitAsync(plan.After - time.GetElapsedTime(back.At), stop);
        var end = usage();
        return new OutageTimes(
            beginning.At, killed.At, back.At, caughtUp, end.At, kills, store.MostWaiting, [beginning, killed, back, end]);
    }

    /// <returns>How many processes were killed, when the first is there that is not.</returns>
    private async Task<int> KeepAwayAsync(long since, CancellationToken stop)
    {
        var kills = 0;
        ProcessIdentity? killed = null;
        while (true)
        {
            var away = time.GetElapsedTime(since);
            if (processes.Find(ResourceNames.Monitor, 0) is { } process && process.Identity != killed && process.Identity.IsAlive)
            {
                if (kills > 0 && (away >= plan.Down || stop.IsCancellationRequested))
                {
                    return kills;
                }

                processes.Expect(process.Identity);
                process.Identity.Signal(Signals.Kill);
                killed = process.Identity;
                kills++;
                report(
                    $"SIGKILL to {process.Name} (pid "
                    + $"{process.Identity.Pid}){(kills == 1 ? "" : $", which was there again after {away.TotalSeconds:0.0} s")}");
            }
            else if (away > plan.Down + OutagePlan.LongestStart)
            {
                throw new CommandException(
                    $"Nobody has started the Monitor again {away.TotalSeconds:0} s after it was killed. The AppHost should; "
                    + "what it says is in the logs.");
            }

            await Task.Delay(LookEvery, time, CancellationToken.None);
        }
    }

    private async Task<long?> CatchUpAsync(long since, CancellationToken stop)
    {
        while (!store.HasCaughtUp)
        {
            if (stop.IsCancellationRequested || time.GetElapsedTime(since) > OutagePlan.LongestCatchUp)
            {
                return null;
            }

            await WaitAsync(LookEvery, stop);
        }

        return time.GetTimestamp();
    }

    private async Task WaitAsync(TimeSpan duration, CancellationToken stop)
    {
        if (duration > TimeSpan.Zero)
        {
            await Task.Delay(duration, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
