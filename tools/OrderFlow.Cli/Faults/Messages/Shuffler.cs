using OrderFlow.Cli.Connections;
using OrderFlow.Cli.Observation;
using RabbitMQ.Client;

namespace OrderFlow.Cli.Faults.Messages;

/// <summary>
/// Changes the order of messages: it consumes a handful beside the service, publishes them shuffled to the same queue, and acknowledges
/// the originals when the broker has confirmed the copies. Killed in between, the originals come back: at least once, as everything here.
/// </summary>
internal sealed class Shuffler(ReconnectingBroker broker, BrokerTopology topology, TrafficGate gate, int seed, TimeProvider time)
{
    private const ushort Handful = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ConfirmPatience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1.5);

#pragma warning disable CA5394 // The same draw for the same seed.
    private readonly Random _random = new(seed);
    private long _moved;

    /// <summary>Messages that came back in another order than they were taken.</summary>
    public long Moved => Interlocked.Read(ref _moved);

    public async Task RunAsync(CancellationToken ending)
    {
        while (!ending.IsCancellationRequested)
        {
            // The rest of a handful is not left half done: the connection's end would bring it back, but only after a while.
            await broker.RunAsync(
                async connection =>
                {
                    using var passage = await gate.EnterAsync(ending);
                    await ShuffleAsync(connection, topology.ServiceQueues[_random.Next(topology.ServiceQueues.Count)]);
                },
                ending);
            await Task.Delay(LongestPause * _random.NextDouble(), time, ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ShuffleAsync(IConnection connection, string queue)
    {
        using var limit = new CancellationTokenSource(ConfirmPatience, time);
        await using var channel = await connection.CreateChannelAsync(ReconnectingBroker.Confirmed, limit.Token);
        var taken = new List<DeliveredMessage>();
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await channel.BasicQosAsync(0, Handful, global: false, limit.Token);
        var consumer = await channel.BasicConsumeAsync(queue, autoAck: false, new DeliveryConsumer(channel, Take), limit.Token);
        await Task.WhenAny(full.Task, Task.Delay(Patience, time, limit.Token));
        await channel.BasicCancelAsync(consumer, cancellationToken: limit.Token);
        DeliveredMessage[] shuffled;
        lock (taken)
        {
            shuffled = [.. taken];
        }

        _random.Shuffle(shuffled);
        foreach (var message in shuffled)
        {
            await message.SendToAsync(channel, new Destination(queue, IsQueue: true), limit.Token);
        }

        foreach (var message in shuffled)
        {
            await channel.BasicAckAsync(message.Tag, multiple: false, limit.Token);
            Interlocked.Increment(ref _moved);
        }

        void Take(DeliveredMessage message)
        {
            lock (taken)
            {
                taken.Add(message);
                if (taken.Count == Handful)
                {
                    full.TrySetResult();
                }
            }
        }
    }
#pragma warning restore CA5394
}
