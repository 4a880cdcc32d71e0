using System.Threading.Channels;
using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Envelope;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>
/// Writes the dead letters of a service anew, in their order: a copy goes to the end of the queue, and when the broker has it the original
/// is taken out. A look gives back what it took, and the broker counts that as a delivery; a copy counts from the beginning. So no
/// delivery limit is ever reached by looking, whatever a policy says. Safe to kill: at worst some of them are there twice, which their
/// service's inbox finds out.
/// </summary>
internal static class DeadLetterRenewal
{
    /// <summary>Messages that share a wait for the broker.</summary>
    private const int Batch = 200;

    /// <summary>Longest wait for the next message.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>More often than any queue of ours delivers a message that cannot be parsed.</summary>
    private const int MostDeaths = 50;

    /// <summary>
    /// Without the client's limit of unconfirmed messages, which delays some of them and so changes their order; a batch is the limit
    /// here.
    /// </summary>
    public static readonly CreateChannelOptions Confirmed = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true,
        outstandingPublisherConfirmationsRateLimiter: null);

    /// <summary>Writes as many anew as there are.</summary>
    public static async Task RunAsync(IConnection connection, string queue, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(Confirmed, cancellationToken);
        for (var left = (long)(await channel.QueueDeclarePassiveAsync(queue, cancellationToken)).MessageCount; left > 0;)
        {
            var taken = await RenewAsync(channel, queue, (int)Math.Min(Batch, left), cancellationToken);
            left = taken == 0 ? 0 : left - taken;
        }
    }

    /// <summary>
    /// Gets past messages that the client cannot parse: takes one at a time, so that only such a message counts as delivered when the
    /// connection dies of it, until the broker moves it to the parking lot.
    /// </summary>
    /// <returns>Whether anything changed by it; if not, the queue has no parking lot behind it.</returns>
    public static async Task<bool> PassUnparsableAsync(IConnectionFactory connections, string queue, CancellationToken cancellationToken)
    {
        long? left = null;
        for (var deaths = 0; deaths < MostDeaths; deaths++)
        {
            await using var connection = await connections.CreateConnectionAsync("dead-letters", cancellationToken);
            try
            {
                await using var channel = await connection.CreateChannelAsync(Confirmed, cancellationToken);
                left ??= (await channel.QueueDeclarePassiveAsync(queue, cancellationToken)).MessageCount;
                for (; left > 0; left--)
                {
                    if (await RenewAsync(channel, queue, 1, cancellationToken) == 0)
                    {
                        return true;
                    }
                }

                return true;
            }
            catch (Exception exception) when (
                exception is AlreadyClosedException or OperationInterruptedException && UnparsableMessage.Ended(connection.CloseReason))
            {
                // Delivered once more; the broker counts.
            }
        }

        return false;
    }

    private static async Task<int> RenewAsync(IChannel channel, string queue, int most, CancellationToken cancellationToken)
    {
        var taken = await TakeAsync(channel, queue, most, cancellationToken);
        // Written one after the other, and waited for together.
        var written = await Task.WhenAll(
            taken.Select(message => WriteAsync(channel, queue, message.BasicProperties, message.Body, cancellationToken)).ToList());
        if (written.Length > 0 && written.All(done => done))
        {
            // One acknowledgement for all: of many, the broker loses those that it has not passed on to the queue when the channel closes.
            await channel.BasicAckAsync(taken[^1].DeliveryTag, multiple: true, CancellationToken.None);
            return taken.Count;
        }

        foreach (var (message, _) in taken.Zip(written).Where(one => one.Second))
        {
            await channel.BasicAckAsync(message.DeliveryTag, multiple: false, CancellationToken.None);
        }

        return taken.Count;
    }

    /// <summary>Takes the first messages, and no more than that: what comes behind them may be their own copies.</summary>
    private static async Task<List<BasicDeliverEventArgs>> TakeAsync(
        IChannel channel, string queue, int most, CancellationToken cancellationToken)
    {
        var arrived = Channel.CreateUnbounded<BasicDeliverEventArgs>();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            arrived.Writer.TryWrite(new BasicDeliverEventArgs(
                delivery.ConsumerTag, delivery.DeliveryTag, delivery.Redelivered, delivery.Exchange, delivery.RoutingKey,
                delivery.BasicProperties, delivery.Body.ToArray(), CancellationToken.None));
            return Task.CompletedTask;
        };
        channel.ChannelShutdownAsync += (_, reason) =>
        {
            arrived.Writer.TryComplete(new AlreadyClosedException(reason));
            return Task.CompletedTask;
        };
        await channel.BasicQosAsync(0, (ushort)most, global: false, cancellationToken);
        var tag = await channel.BasicConsumeAsync(queue, autoAck: false, consumer, cancellationToken);
        var taken = new List<BasicDeliverEventArgs>(most);
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            while (taken.Count < most)
            {
                patience.CancelAfter(Patience);
                taken.Add(await arrived.Reader.ReadAsync(patience.Token));
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Another look holds the others.
        }
        catch (ChannelClosedException exception)
        {
            throw exception.InnerException ?? exception;
        }

        await channel.BasicCancelAsync(tag, cancellationToken: cancellationToken);
        return taken;
    }

    /// <summary>Writes one message anew and takes the original out. What no client can write stays as it is.</summary>
    public static async Task RenewAsync(
        IChannel channel, string queue, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, ulong tag,
        CancellationToken cancellationToken)
    {
        if (await WriteAsync(channel, queue, properties, body, cancellationToken))
        {
            await channel.BasicAckAsync(tag, multiple: false, CancellationToken.None);
        }
    }

    private static async Task<bool> WriteAsync(
        IChannel channel,
        string queue,
        IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken)
    {
        var copy = MessageCopy.Of(properties);
        copy.Headers!.Remove(BrokerHeaders.DeliveryCount);
        if (MessageCopy.WhyUnwritable(copy) is not null)
        {
            return false;
        }

        await channel.BasicPublishAsync("", queue, mandatory: true, copy, body, cancellationToken);
        return true;
    }
}
