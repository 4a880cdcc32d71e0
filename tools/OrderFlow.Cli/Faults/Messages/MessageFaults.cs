using OrderFlow.Cli.Chaos;

namespace OrderFlow.Cli.Faults.Messages;

/// <summary>Everything that goes wrong with messages while orders are offered.</summary>
internal sealed class MessageFaults
{
    private readonly ChaosOptions _options;
    private readonly TimeProvider _time;
    private readonly Duplicator _duplicator;
    private readonly Shuffler _shuffler;
    private readonly GarbageInjector _garbage;

    public MessageFaults(ChaosOptions options, Uri broker, BrokerMap map, TrafficGate gate, string runId, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _duplicator = new(Link("duplicates"), map, gate, runId, options.Duplicates, options.Seed + 1, time);
        _shuffler = new(Link("shuffles"), map, gate, options.Seed + 2, time);
        _garbage = new(Link("garbage"), map, gate, runId, options.GarbagePerQueue, options.Seed + 3, time);
        DeadLetters = Link("dead-letters");
        Deserter = new(Link("deserter"), map, time);

        BrokerLink Link(string purpose) => new(broker, $"chaos-{runId}-{purpose}", time);
    }

    /// <summary>For who reads dead letters.</summary>
    public BrokerLink DeadLetters { get; }

    /// <summary>At work while a policy limits deliveries.</summary>
    public ReturningConsumer Deserter { get; }

    public long DeliveredAgain => _duplicator.Delivered;

    public long Shuffled => _shuffler.Moved;

    public IReadOnlyCollection<InjectedGarbage> Garbage => _garbage.Injected;

    public int GarbageCount => _garbage.Count;

    /// <summary>Returns when the time of the load is over and what was begun is finished.</summary>
    /// <param name="stopLoad">Begins nothing more.</param>
    /// <param name="stopWaiting">Leaves even what was begun.</param>
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
