using System.Collections.Concurrent;
using OrderFlow.Cli.Connections;
using OrderFlow.Cli.Observation;
using OrderFlow.Contracts;
using RabbitMQ.Client;

namespace OrderFlow.Cli.Faults.Messages;

/// <summary>Puts garbage into every service's queue, evenly over a time, each piece again until the broker has confirmed it.</summary>
internal sealed class GarbageInjector(
    ReconnectingBroker broker, BrokerTopology topology, TrafficGate gate, string runId, int perQueue, int seed, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ConfirmPatience = TimeSpan.FromSeconds(15);

    private readonly ConcurrentQueue<InjectedGarbage> _injected = new();
    private int _next;

    /// <summary>Whether the next piece may be in the broker already, unconfirmed.</summary>
    private bool _inDoubt;

    /// <summary>Every piece that is in the broker.</summary>
    public IReadOnlyCollection<InjectedGarbage> Injected => [.. _injected];

    public int Count => _injected.Count;

    private int Total => perQueue * topology.ServiceQueues.Count;

    /// <summary>Returns when all of it is in the broker.</summary>
    /// <param name="over">How long it takes.</param>
    /// <param name="ending">No further piece is begun.</param>
    /// <param name="stop">Not even a piece in doubt is finished.</param>
    public Task RunAsync(TimeSpan over, CancellationToken ending, CancellationToken stop)
    {
        var start = time.GetTimestamp();
        return broker.RunAsync(connection => InjectAsync(connection, start, over, ending), stop);
    }

    private async Task InjectAsync(IConnection connection, long start, TimeSpan over, CancellationToken ending)
    {
        await using var channel = await connection.CreateChannelAsync(ReconnectingBroker.Confirmed, CancellationToken.None);
        while (_next < Total && (_inDoubt || !ending.IsCancellationRequested))
        {
            var due = (int)Math.Min(Total, Total * (time.GetElapsedTime(start) / over));
            while (_next < due && (_inDoubt || !ending.IsCancellationRequested))
            {
                using var passage = await gate.EnterAsync(ending);
                using var patience = new CancellationTokenSource(ConfirmPatience, time);
                _inDoubt = true;
                await SendAsync(channel, _next, patience.Token);
                _inDoubt = false;
                _next++;
            }

            await Task.Delay(LookEvery, time, ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SendAsync(IChannel channel, int number, CancellationToken cancellationToken)
    {
        var queue = topology.ServiceQueues[number % topology.ServiceQueues.Count];
        var mark = $"{runId}-{number}";
        // A piece that was not confirmed is sent again as it was.
#pragma warning disable CA5394 // The same garbage for the same seed.
        var (properties, body) = GarbageMaker.Make(mark, HandledType(queue), new Random(unchecked((seed * 31) + number)));
#pragma warning restore CA5394
        await channel.BasicPublishAsync("", queue, mandatory: true, properties, body, cancellationToken);
        _injected.Enqueue(new InjectedGarbage(mark, topology.DeadLettersOf[queue]));
    }

    /// <summary>An event that the queue's service would handle.</summary>
    private string HandledType(string queue) =>
        topology.Routes.FirstOrDefault(route => route.Any(to => to.IsQueue && to.Name == queue))?.Key.RoutingKey ?? EventTypes.OrderCreated;
}
