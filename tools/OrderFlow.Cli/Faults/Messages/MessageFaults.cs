using OrderFlow.Cli.Connections;
using OrderFlow.Cli.Observation;

namespace OrderFlow.Cli.Faults.Messages;

/// <summary>Duplicates, reorders and adds unreadable messages while orders are offered.</summary>
internal sealed class MessageFaults
{
    private readonly MessageFaultOptions _options;
    private readonly TimeProvider _time;
    private readonly Duplicator _duplicator;
    private readonly Shuffler _shuffler;
    private readonly GarbageInjector _garbage;

    public MessageFaults(
        MessageFaultOptions options, Uri broker, BrokerTopology topology, TrafficGate gate, string runId, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _duplicator = new(Connect("duplicates"), topology, gate, runId, options.Duplicates, options.Seed + 1, time);
        _shuffler = new(Connect("shuffles"), topology, gate, options.Seed + 2, time);
        _garbage = new(Connect("garbage"), topology, gate, runId, options.GarbagePerQueue, options.Seed + 3, time);

        ReconnectingBroker Connect(string purpose) => new(broker, $"chaos-{runId}-{purpose}", time);
    }

    public long DeliveredAgain => _duplicator.Delivered;

    public long Shuffled => _shuffler.Moved;

    public IReadOnlyCollection<InjectedGarbage> Garbage => _garbage.Injected;

    public int GarbageCount => _garbage.Count;

    /// <summary>Returns when the time of the load is over and what was begun is finished.</summary>
    /// <param name="stopLoad">Begins nothing more.</param>
    /// <param name="stopWaiting">Abandons even what was begun.</param>
    public async Task RunAsync(CancellationToken stopLoad, CancellationToken stopWaiting)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopLoad);
        ending.CancelAfter(_options.Duration);
        await Task.WhenAll(
            _options.Duplicates > 0 ? _duplicator.RunAsync(ending.Token, stopWaiting) : Task.CompletedTask,
            _options.Shuffles ? _shuffler.RunAsync(ending.Token) : Task.CompletedTask,
            InjectGarbageAsync(stopLoad, stopWaiting));
    }

    private async Task InjectGarbageAsync(CancellationToken stopLoad, CancellationToken stopWaiting)
    {
        await Task.Delay(_options.GarbageFrom, _time, stopLoad).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // The last pieces come while orders still do, unless the broker was away: then they come when it is back.
        await _garbage.RunAsync((_options.Duration - _options.GarbageFrom) * 0.95, stopLoad, stopWaiting);
    }
}
