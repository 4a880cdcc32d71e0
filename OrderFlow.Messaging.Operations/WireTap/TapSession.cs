using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Consuming;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace OrderFlow.Messaging.Operations.WireTap;

/// <summary>
/// A wire tap over one connection: gathers deliveries into batches, hands each to the receiver until that has it, and acknowledges it as a
/// whole. Whatever is not acknowledged when the session ends, the broker delivers again.
/// </summary>
internal sealed class TapSession(
    TapDescription tap, TapOptions options, PoisonMessageGuard poisonGuard, ITapReceiver receiver, TimeProvider time, ILogger logger)
{
    /// <summary>Bytes of bodies after which a batch counts as full.</summary>
    private const long LargestBatch = 16 * 1024 * 1024;

    /// <summary>What a batch that is being stored still gets when the service stops.</summary>
    private static readonly TimeSpan LastMoment = TimeSpan.FromSeconds(2);

    private readonly Channel<TappedMessage> _arrived = Channel.CreateUnbounded<TappedMessage>(
        new UnboundedChannelOptions { SingleReader = false, SingleWriter = true });
    private readonly List<TappedMessage> _batch = [];
    private readonly CatchUpPace _pace = new(options.CatchUpSpeed, time);
    private readonly int _prefetch = poisonGuard.Prefetch;
    private TappedMessage? _inHand;

    /// <summary>The oldest message that has come and is not stored.</summary>
    public TappedMessage? OldestUnstored => Volatile.Read(ref _inHand) ?? (_arrived.Reader.TryPeek(out var next) ? next : null);

    /// <summary>How many have come and are not stored; the broker does not count them as waiting any more.</summary>
    public int Unstored => _arrived.Reader.Count + _batch.Count;

    public async Task RunAsync(IConnection connection, Action ready, CancellationToken lost, CancellationToken stopping)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(lost);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(ended.Token, stopping);
        using var storing = CancellationTokenSource.CreateLinkedTokenSource(ended.Token);
        await using var lastMoment = stopping.Register(() => storing.CancelAfter(LastMoment));
        await using var channel = await connection.CreateChannelAsync(cancellationToken: waiting.Token);
        channel.ChannelShutdownAsync += (_, _) => ended.CancelAsync();
        await channel.BasicQosAsync(0, (ushort)_prefetch, global: false, waiting.Token);
        await channel.BasicConsumeAsync(tap.Queue, autoAck: false, Consumer(channel, ended), waiting.Token);
        ready();
        Log.Tapping(logger, tap.Queue, options.BatchSize);
        try
        {
            while (await GatherAsync(waiting.Token))
            {
                await DeliverAsync(storing.Token);
                if (_batch.FindLast(message => message.EndsDelivery) is { } last)
                {
                    await channel.BasicAckAsync(last.Tag, multiple: true, ended.Token);
                }

                Volatile.Write(ref _inHand, null);
                if (IsLastSuspect())
                {
                    // A consumer's prefetch cannot be changed: the next session has all of it again.
                    return;
                }

                var rest = _pace.RestAfter(_batch);
                _batch.Clear();
                if (rest > TimeSpan.Zero)
                {
                    await Task.Delay(rest, time, waiting.Token);
                }
            }
        }
        catch (OperationCanceledException) when (waiting.IsCancellationRequested)
        {
            // What is left comes again on the next connection.
        }
    }

    private bool IsLastSuspect()
    {
        var last = false;
        foreach (var message in _batch)
        {
            last |= message.EndsDelivery && poisonGuard.Parsed();
        }

        return last;
    }

    private AsyncEventingBasicConsumer Consumer(IChannel channel, CancellationTokenSource ended)
    {
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            foreach (var message in TapDecoder.DecodeAll(
                delivery.DeliveryTag, delivery.Exchange, delivery.RoutingKey, delivery.BasicProperties, delivery.Body, time.GetTimestamp()))
            {
                _arrived.Writer.TryWrite(message);
            }

            return Task.CompletedTask;
        };
        // The broker takes the consumer away when the queue is deleted; a new connection declares it again.
        consumer.UnregisteredAsync += (_, _) => ended.CancelAsync();
        return consumer;
    }

    private async Task<bool> GatherAsync(CancellationToken cancellationToken)
    {
        await _arrived.Reader.WaitToReadAsync(cancellationToken);
        if (_arrived.Reader.Count < Math.Min(options.BatchSize, _prefetch))
        {
            await Task.Delay(options.BatchWait, time, cancellationToken);
        }

        Volatile.Write(ref _inHand, OldestUnstored);
        var bytes = 0L;
        while (_batch.Count < options.BatchSize && bytes < LargestBatch && _arrived.Reader.TryRead(out var message))
        {
            message = TapDecoder.DecodeBody(message);
            _batch.Add(message);
            bytes += message.Body.Length;
        }

        return _batch.Count > 0;
    }

    private async Task DeliverAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(time);
        while (true)
        {
            try
            {
                await receiver.ReceiveAsync(_batch, cancellationToken);
                return;
            }
#pragma warning disable CA1031 // Whatever it was: nothing is acknowledged that is not stored, and the queue holds the rest.
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                var delay = backoff.Next();
                Log.TapWaits(logger, _batch.Count, tap.Queue, delay, exception);
                await Task.Delay(delay, time, cancellationToken);
            }
        }
    }
}
