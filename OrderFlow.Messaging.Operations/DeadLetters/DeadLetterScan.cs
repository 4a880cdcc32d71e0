using System.Threading.Channels;
using OrderFlow.Messaging.Envelope;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace OrderFlow.Messaging.Operations.DeadLetters;

/// <summary>
/// One look at every message that a dead-letter queue holds now. What is not acknowledged returns to its place when the scan is
/// disposed, or when its program dies. Two scans at once share the messages between them. What has been returned before is written anew
/// then, so that no delivery limit is reached by looking.
/// </summary>
internal sealed class DeadLetterScan : IAsyncDisposable
{
    /// <summary>Most messages that a scan holds at once.</summary>
    public const ushort MostHeld = ushort.MaxValue;

    /// <summary>Nothing for this long, twice, while none is ready: others hold what is left.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(300);

    /// <summary>Another look may hold them as well.</summary>
    private static readonly TimeSpan LongestReturn = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReturnPoll = TimeSpan.FromMilliseconds(10);

    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly string _queue;
    private readonly Channel<BasicDeliverEventArgs> _arrived = Channel.CreateUnbounded<BasicDeliverEventArgs>(
        new UnboundedChannelOptions { SingleReader = true });

    private long _removed;
    private int _returnedBefore;

    private DeadLetterScan(IConnection connection, IChannel channel, string queue, long total) =>
        (_connection, _channel, _queue, Total) = (connection, channel, queue, total);

    /// <summary>Messages ready in the queue when the scan began.</summary>
    public long Total { get; }

    public static async Task<DeadLetterScan> OpenAsync(
        IConnection connection, string queue, Func<BasicDeliverEventArgs, bool> keepBody, int mostHeld, CancellationToken cancellationToken)
    {
        var opened = await connection.CreateChannelAsync(DeadLetterRenewal.Confirmed, cancellationToken);
        try
        {
            // The service may be of a version that publishes no life-cycle events, and so has not declared their exchange.
            await opened.ExchangeDeclareAsync(
                LifecycleEventNames.Exchange, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: cancellationToken);
            var total = await CountAsync(opened, queue, cancellationToken);
            var scan = new DeadLetterScan(connection, opened, queue, total);
            await opened.BasicQosAsync(0, (ushort)Math.Clamp(total, 1, mostHeld), global: false, cancellationToken);
            var consumer = new AsyncEventingBasicConsumer(opened);
            consumer.ReceivedAsync += (_, delivery) =>
            {
                if (delivery.BasicProperties.Headers?.TryGetValue(BrokerHeaders.DeliveryCount, out var count) == true
                    && count is not (0 or 0L))
                {
                    Volatile.Write(ref scan._returnedBefore, 1);
                }

                scan._arrived.Writer.TryWrite(new BasicDeliverEventArgs(
                    delivery.ConsumerTag, delivery.DeliveryTag, delivery.Redelivered, delivery.Exchange, delivery.RoutingKey,
                    delivery.BasicProperties, keepBody(delivery) ? delivery.Body.ToArray() : default, CancellationToken.None));
                return Task.CompletedTask;
            };
            opened.ChannelShutdownAsync += (_, reason) =>
            {
                scan._arrived.Writer.TryComplete(new AlreadyClosedException(reason));
                return Task.CompletedTask;
            };
            if (total > 0)
            {
                await opened.BasicConsumeAsync(queue, autoAck: false, consumer, cancellationToken);
            }

            return scan;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <summary>The next message; <see langword="null"/> when all that were there have been seen, or another holds the rest.</summary>
    public async Task<BasicDeliverEventArgs?> NextAsync(int seen, CancellationToken cancellationToken)
    {
        for (var quiet = 0; seen < Total && quiet < 2;)
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(Quiet);
            try
            {
                return await _arrived.Reader.ReadAsync(timeout.Token);
            }
            catch (ChannelClosedException exception)
            {
                throw exception.InnerException ?? exception;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                quiet = await CountAsync(_channel, _queue, cancellationToken) == 0 || seen >= MostHeld ? quiet + 1 : 0;
            }
        }

        return null;
    }

    /// <summary>Where the service's messages go.</summary>
    public Task<ReplayTarget> TargetOfAsync(string service, CancellationToken cancellationToken) =>
        ReplayTarget.FindAsync(_connection, service, cancellationToken);

    /// <summary>
    /// Sends a copy back and, once the broker has it safely, publishes the life-cycle event and takes the original out.
    /// </summary>
    public async Task MoveAsync(
        BasicDeliverEventArgs original, ReplayTarget target, BasicProperties properties, string service, BasicProperties notice,
        CancellationToken cancellationToken)
    {
        await _channel.BasicPublishAsync(
            target.Exchange, target.RoutingKeyOf(properties), mandatory: true, properties, original.Body, cancellationToken);
        await PublishLifecycleEventAsync(service, LifecycleEventNames.Replayed, notice);
        await RemoveAsync(original);
    }

    /// <summary>
    /// Publishes what became of a dead letter as a life-cycle event; the broker has it when this returns, whether or not anybody listens.
    /// </summary>
    public ValueTask PublishLifecycleEventAsync(string service, string kind, BasicProperties notice) =>
        _channel.BasicPublishAsync(
            LifecycleEventNames.Exchange,
            LifecycleEventNames.RoutingKey(service, kind),
            mandatory: false,
            notice,
            ReadOnlyMemory<byte>.Empty,
            CancellationToken.None);

    /// <summary>Puts a message behind the others, so that it need not be held until the end.</summary>
    public Task PutBackAsync(BasicDeliverEventArgs original, CancellationToken cancellationToken) =>
        DeadLetterRenewal.RenewAsync(_channel, _queue, original.BasicProperties, original.Body, original.DeliveryTag, cancellationToken);

    /// <summary>Takes a message out of the queue.</summary>
    public ValueTask RemoveAsync(BasicDeliverEventArgs original)
    {
        _removed++;
        return _channel.BasicAckAsync(original.DeliveryTag, multiple: false, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_channel.IsOpen)
        {
            // Waits for the broker's answer, so that acknowledgements before it are in.
            await _channel.CloseAsync(Constants.ReplySuccess, "done", abort: true, CancellationToken.None);
            await WaitUntilReturnedAsync();
            await RenewAsync();
        }

        await _channel.DisposeAsync();
    }

    /// <summary>
    /// What a scan held is ready again a moment after its channel is closed: until then the next one would find the queue empty.
    /// </summary>
    private async Task WaitUntilReturnedAsync()
    {
        try
        {
            await using var counting = await _connection.CreateChannelAsync();
            using var patience = new CancellationTokenSource(LongestReturn);
            while (await CountAsync(counting, _queue, CancellationToken.None) < Total - _removed && !patience.IsCancellationRequested)
            {
                await Task.Delay(ReturnPoll, patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (Exception exception) when (exception is AlreadyClosedException or OperationInterruptedException or ReplayException)
        {
            // Then they return with the connection, and nobody here waits for them.
        }
    }

    private async Task RenewAsync()
    {
        if (Volatile.Read(ref _returnedBefore) == 0)
        {
            return;
        }

        try
        {
            await DeadLetterRenewal.RunAsync(_connection, _queue, CancellationToken.None);
        }
        catch (Exception exception) when (exception is AlreadyClosedException or OperationInterruptedException or PublishException)
        {
            // The broker has ended the connection, or takes no copy: they are as they were, and the next look tries again.
        }
    }

    private static async Task<long> CountAsync(IChannel channel, string queue, CancellationToken cancellationToken)
    {
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue, cancellationToken)).MessageCount;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            throw new ReplayException(
                $"The broker has no queue '{queue}'. "
                + "Either no service of that name handles events, or it has not been started yet on this broker.",
                exception);
        }
    }
}
