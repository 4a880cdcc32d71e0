using System.Collections.Concurrent;
using OrderFlow.Cli.Connections;

namespace OrderFlow.Cli.Faults;

/// <summary>Carries out the plan, and says each fault with its time and target.</summary>
internal sealed class FaultInjector(
    IReadOnlyList<Fault> plan, SystemProcesses processes, BrokerFaults broker, TimeProvider time, Action<string> report)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// After a wipe or a deletion nothing else happens for so long: a RabbitMQ that is killed within moments of a queue's declaration may
    /// come back with the queue's name and without its Raft server, and then confirms nothing to it. That fault is the broker's own.
    /// </summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<(string, int), SemaphoreSlim> _oneAtATime = new();
    private int _done;

    /// <summary>Faults so far.</summary>
    public int Done => Volatile.Read(ref _done);

    /// <summary>Returns when all are over, frozen processes go on again included.</summary>
    /// <param name="stop">Causes no more faults.</param>
    public async Task RunAsync(CancellationToken stop)
    {
        var start = time.GetTimestamp();
        var under = new List<Task>();
        var behind = TimeSpan.Zero;
        foreach (var fault in plan.OrderBy(fault => fault.At))
        {
            var wait = fault.At + behind - time.GetElapsedTime(start);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (stop.IsCancellationRequested)
            {
                break;
            }

            if (FaultKinds.IsAlone(fault.Kind))
            {
                await Task.WhenAll(under);
                await CauseAsync(fault, start, stop);
                await Task.Delay(Settling, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                // What was planned meanwhile comes later, one by one, and not all at once.
                var late = time.GetElapsedTime(start) - (fault.At + FaultPlan.LongestSolitude);
                behind = late > behind ? late : behind;
            }
            else
            {
                under.Add(CauseAsync(fault, start, stop));
            }
        }

        await Task.WhenAll(under);
    }

    private async Task CauseAsync(Fault fault, long start, CancellationToken stop)
    {
        // A frozen process is not killed before it goes on, and one that starts is waited for: each fault is one of its own.
        var turn = _oneAtATime.GetOrAdd(
            (fault.Kind == FaultKind.DeliveryLimit ? "policy" : fault.Resource, fault.Kind == FaultKind.DeliveryLimit ? 0 : fault.Replica),
            _ => new SemaphoreSlim(1));
        await turn.WaitAsync(CancellationToken.None);
        try
        {
            if (await TargetAsync(fault, stop) is not { } target)
            {
                return;
            }

            var number = Interlocked.Increment(ref _done);
            report(
                $"{time.GetElapsedTime(start):mm\\:ss\\.f}  fault {number}/{plan.Count}: {fault.Name} to {target.Name} (pid "
                + $"{target.Identity.Pid})");
            switch (fault.Kind)
            {
                case FaultKind.Kill:
                    processes.Expect(target.Identity);
                    target.Identity.Signal(Signals.Kill);
                    break;
                case FaultKind.Restart:
                    processes.Expect(target.Identity);
                    target.Identity.Signal(Signals.Terminate);
                    break;
                case FaultKind.DeliveryLimit:
                    CountOff(await broker.LimitDeliveriesAsync(fault, stop));
                    break;
                case FaultKind.QueueDeletion:
                    CountOff(await broker.DeleteQueuesAsync(fault, stop));
                    break;
                case FaultKind.Wipe:
                    CountOff(await broker.WipeAsync(fault, target.Identity, stop));
                    break;
                default:
                    await FreezeAsync(target.Identity, fault.Hold, stop);
                    break;
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>What was left out did not happen.</summary>
    private void CountOff(bool hasHappened)
    {
        if (!hasHappened)
        {
            Interlocked.Decrement(ref _done);
            report($"  left out: {broker.Notes[^1]}");
        }
    }

    /// <summary>
    /// The process once it runs; broker and database once they are healthy, since a fault in their start is one of another program.
    /// </summary>
    private async Task<SystemProcess?> TargetAsync(Fault fault, CancellationToken stop)
    {
        var isService = SystemResources.Services.Contains(fault.Resource);
        while (!stop.IsCancellationRequested)
        {
            if (processes.Find(fault.Resource, fault.Kind == FaultKind.DeliveryLimit ? 0 : fault.Replica) is { } target
                && target.Identity.IsAlive && (isService || target.IsHealthy))
            {
                return target;
            }

            await Task.Delay(LookEvery, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return null;
    }

    private async Task FreezeAsync(ProcessIdentity process, TimeSpan hold, CancellationToken stop)
    {
        // A server of many processes stands still as a whole; what it starts in between would go on, so it is stopped first.
        var frozen = new List<ProcessIdentity>();
        process.Signal(Signals.Stop);
        try
        {
            frozen.AddRange(process.Tree());
            frozen.ForEach(one => one.Signal(Signals.Stop));
            await Task.Delay(hold, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            process.Signal(Signals.Continue);
            frozen.ForEach(one => one.Signal(Signals.Continue));
        }
    }
}
