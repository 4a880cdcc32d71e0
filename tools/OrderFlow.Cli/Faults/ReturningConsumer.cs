using OrderFlow.Cli.Connections;
using OrderFlow.Cli.Observation;
using RabbitMQ.Client;

namespace OrderFlow.Cli.Faults;

/// <summary>
/// A consumer beside the services that gives back what it takes, as one does that ends over its messages: each time counts as a delivery,
/// so that a low delivery limit is reached by some.
/// </summary>
internal sealed class ReturningConsumer(ReconnectingBroker broker, BrokerTopology topology, TimeProvider time)
{
    private const ushort Handful = 8;
    private static readonly TimeSpan Stay = TimeSpan.FromMilliseconds(200);

    /// <summary>Each handful costs some orders their way: a few are enough to see what becomes of them.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken ending)
    {
        for (var n = 0; !ending.IsCancellationRequested; n++)
        {
            var queue = topology.ServiceQueues[n % topology.ServiceQueues.Count];
            await broker.RunAsync(connection => TakeAndGiveBackAsync(connection, queue, ending), ending);
            await Task.Delay(Pause, time, ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task TakeAndGiveBackAsync(IConnection connection, string queue, CancellationToken ending)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: ending);
        await channel.BasicQosAsync(0, Handful, global: false, ending);
        var taken = System.Threading.Channels.Channel.CreateUnbounded<ulong>();
        await channel.BasicConsumeAsync(
            queue, autoAck: false, new DeliveryConsumer(channel, message => taken.Writer.TryWrite(message.Tag)), ending);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ending);
        over.CancelAfter(Stay);
        try
        {
            await foreach (var tag in taken.Reader.ReadAllAsync(over.Token))
            {
                await channel.BasicNackAsync(tag, multiple: false, requeue: true, over.Token);
            }
        }
        catch (Exception exception) when (TransientErrors.OfBroker(exception))
        {
            // The stay is over, or the broker is away: what it still has goes back with the channel.
        }
    }
}
