using OrderFlow.Cli.Connections;
using OrderFlow.Cli.Observation;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Topology;
using RabbitMQ.Client;

namespace OrderFlow.Cli.Faults.Messages;

/// <summary>
/// Delivers a share of the events a second time: a queue of its own gets the copies that are for listeners, and what is drawn goes
/// to the services' queues again, half of it at once, half of it seconds later and in another order.
/// </summary>
internal sealed class Duplicator(
    ReconnectingBroker broker, BrokerTopology topology, TrafficGate gate, string runId, double share, int seed, TimeProvider time)
{
    private const ushort Prefetch = 500;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ConfirmPatience = TimeSpan.FromSeconds(15);

#pragma warning disable CA5394 // The same draw for the same seed.
    private readonly Random _random = new(seed);
    private readonly string _queue = $"chaos-tap-{runId}";

    /// <summary>What is to be delivered again, and when; over the broker's ends.</summary>
    private readonly List<(DeliveredMessage Message, Destination To, long DueAt)> _held = [];
    private long _delivered;

    /// <summary>Events that were delivered again, confirmed by the broker.</summary>
    public long Delivered => Interlocked.Read(ref _delivered);

    /// <summary>Taps until stopped, then delivers what it still holds.</summary>
    /// <param name="ending">No more is drawn.</param>
    /// <param name="stop">Not even what is held is delivered.</param>
    public Task RunAsync(CancellationToken ending, CancellationToken stop) =>
        broker.RunAsync(connection => TapAsync(connection, ending, stop), stop);

    private async Task TapAsync(IConnection connection, CancellationToken ending, CancellationToken stop)
    {
        await using var channel = await connection.CreateChannelAsync(ReconnectingBroker.Confirmed, stop);
        await DeclareAsync(channel, stop);
        var tapped = System.Threading.Channels.Channel.CreateUnbounded<DeliveredMessage>();
        await using var taps = await connection.CreateChannelAsync(cancellationToken: stop);
        await taps.BasicQosAsync(0, Prefetch, global: false, stop);
        await taps.BasicConsumeAsync(_queue, autoAck: false, new DeliveryConsumer(taps, message => tapped.Writer.TryWrite(message)), stop);
        while (!ending.IsCancellationRequested || _held.Count > 0)
        {
            if (!taps.IsOpen)
            {
                throw new IOException("the broker is away");
            }

            ulong last = 0;
            while (tapped.Reader.TryRead(out var message))
            {
                last = message.Tag;
                foreach (var one in message.Unpack())
                {
                    Draw(one, ending.IsCancellationRequested);
                }
            }

            if (last > 0)
            {
                await taps.BasicAckAsync(last, multiple: true, stop);
            }

            await DeliverDueAsync(channel, stop);
            await Task.Delay(LookEvery, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stop.ThrowIfCancellationRequested();
        }

        await channel.QueueDeleteAsync(_queue, ifUnused: false, ifEmpty: false, cancellationToken: stop);
    }

    private async Task DeclareAsync(IChannel channel, CancellationToken cancellationToken)
    {
        await channel.QueueDeclareAsync(
            _queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" },
            cancellationToken: cancellationToken);
        // At an event's own exchange it would hide from publishers that the event has no consumer.
        await channel.QueueBindAsync(_queue, WireTapExchange.Exchange, "#", cancellationToken: cancellationToken);
    }

    private void Draw(DeliveredMessage message, bool isEnding)
    {
        if (isEnding || _random.NextDouble() >= share)
        {
            return;
        }

        var wait = _random.Next(2) == 0 ? TimeSpan.Zero : LongestHold * _random.NextDouble();
        var dueAt = time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency);
        _held.AddRange(topology.Routes[(WireType.ExchangeOf(message.RoutingKey), message.RoutingKey)].Select(to => (message, to, dueAt)));
    }

    private async Task DeliverDueAsync(IChannel channel, CancellationToken stop)
    {
        using var passage = await gate.EnterAsync(stop);
        var now = time.GetTimestamp();
        var due = _held.Where(held => held.DueAt <= now).ToArray();
        _random.Shuffle(due);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(ConfirmPatience);
        foreach (var held in due)
        {
            await held.Message.SendToAsync(channel, held.To, patience.Token);
            _held.Remove(held);
            Interlocked.Increment(ref _delivered);
        }
    }
#pragma warning restore CA5394
}
