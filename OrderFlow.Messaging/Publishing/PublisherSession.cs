using Microsoft.Extensions.Logging;
using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Diagnostics;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Publishing;

/// <summary>
/// Publishing over one connection: a single writer, so that sequence numbers are certain, fully pipelined, with the
/// confirms settled as they come. Ends with the connection; then everything unconfirmed fails.
/// </summary>
internal sealed class PublisherSession(MessagingOptions options, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly CreateChannelOptions WithConfirms = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false);
    private readonly UnconfirmedWindow _window = new(options.MaxUnconfirmed, options.MostPacked);
    private readonly AsyncGate _unblocked = new(open: true);
    private readonly CancellationTokenSource _ending = new();

    /// <summary>
    /// Serves until the connection is lost or <paramref name="stopping"/> fires; calls <paramref name="ready"/> when messages can be
    /// handed over.
    /// </summary>
    public async Task RunAsync(IConnection connection, Action ready, CancellationToken lost, CancellationToken stopping)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(lost, stopping, _ending.Token);
        Exception? cause = null;
        try
        {
            await using var channel = await connection.CreateChannelAsync(WithConfirms, ended.Token);
            channel.BasicAcksAsync += (_, ack) => Confirmed(ack.DeliveryTag, ack.Multiple, acknowledged: true);
            channel.BasicNacksAsync += (_, nack) => Confirmed(nack.DeliveryTag, nack.Multiple, acknowledged: false);
            channel.BasicReturnAsync += (_, returned) =>
            {
                _window.Return(returned.BasicProperties.MessageId, returned.RoutingKey, returned.ReplyText);
                return Task.CompletedTask;
            };
            channel.ChannelShutdownAsync += (_, _) => ended.CancelAsync();
            connection.ConnectionBlockedAsync += (_, blocked) =>
            {
                Log.Blocked(logger, connection.ClientProvidedName, blocked.Reason);
                _unblocked.Set(open: false);
                return Task.CompletedTask;
            };
            connection.ConnectionUnblockedAsync += (_, _) =>
            {
                Log.Unblocked(logger, connection.ClientProvidedName);
                _unblocked.Set(open: true);
                return Task.CompletedTask;
            };

            ready();
            var expiry = FailExpiredAsync(ended.Token);
            await WriteAsync(channel, ended.Token);
            await expiry;
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The channel is gone: the reason is the connection's to tell.
        }
        catch (Exception exception)
        {
            cause = exception;
            throw;
        }
        finally
        {
            _window.Close(
                "the connection to the broker was lost before its confirm came. "
                + "It may have arrived; publish it again with the same context",
                cause);
        }
    }

    /// <summary>Whether the broker has told to publish no more, for want of memory or disk.</summary>
    public bool IsBlocked => !_unblocked.IsOpen;

    /// <summary>Hands a message over; its task tells the rest.</summary>
    public ValueTask EnqueueAsync(PendingPublish pending, CancellationToken cancellationToken)
    {
        if (!_unblocked.IsOpen || !_window.TryTakeRoom())
        {
            return EnqueueWhenPossibleAsync(pending, cancellationToken);
        }

        Add(pending);
        return ValueTask.CompletedTask;
    }

    /// <summary>Waits until everything handed over is confirmed or failed.</summary>
    public Task DrainAsync() => _window.WhenEmptyAsync();

    /// <summary>Ends the session as if its connection were lost.</summary>
    public void End() => _ending.Cancel();

    public void Dispose()
    {
        _ending.Dispose();
        _window.Dispose();
    }

    private async ValueTask EnqueueWhenPossibleAsync(PendingPublish pending, CancellationToken cancellationToken)
    {
        if (!await _unblocked.WaitAsync(options.PublishWait, time, cancellationToken))
        {
            throw new PublishException(PublishFailure.Overloaded, pending.Describe(
                "the broker has blocked publishers, probably for want of memory or disk. Free some, then publish again"));
        }

        if (!await _window.WaitForRoomAsync(options.PublishWait, cancellationToken))
        {
            throw new PublishException(PublishFailure.Overloaded, pending.Describe(
                $"{options.MaxUnconfirmed} messages already wait for their confirm "
                + $"({MessagingOptions.Section}:{nameof(options.MaxUnconfirmed)}). Publish more slowly"));
        }

        Add(pending);
    }

    private void Add(PendingPublish pending)
    {
        pending.HandedOverAt = time.GetTimestamp();
        if (!_window.TryAdd(pending))
        {
            pending.FailUnsent();
        }
    }

    private async Task WriteAsync(IChannel channel, CancellationToken ended)
    {
        while (true)
        {
            while (_window.TryTakeNext(out var pending))
            {
                await _unblocked.WaitAsync(ended);
                await WriteAsync(channel, pending, ended);
            }

            await _window.WaitForNextAsync().WaitAsync(ended);
        }
    }

    private async ValueTask WriteAsync(IChannel channel, PendingPublish pending, CancellationToken ended)
    {
        try
        {
            if (pending.Task.IsCompleted)
            {
                // Its publisher has given up already.
                _window.TakeBack();
                return;
            }

            await channel.BasicPublishAsync(
                pending.Exchange,
                pending.RoutingKey,
                mandatory: pending.RequireSubscriber,
                pending.Properties,
                pending.Body,
                CancellationToken.None);
        }
        catch (Exception exception) when (channel.IsOpen && !ended.IsCancellationRequested)
        {
            // The client could not encode it, a property longer than AMQP allows for example. Nothing was written and no number used.
            _window.TakeBack();
            pending.FailUnwritable(exception);
        }
        finally
        {
            pending.ReleaseBody();
        }
    }

    private async Task FailExpiredAsync(CancellationToken ended)
    {
        var period = TimeSpan.FromTicks(
            Math.Clamp(options.ConfirmTimeout.Ticks / 10, TimeSpan.TicksPerMillisecond * 10, TimeSpan.TicksPerSecond));
        var timeout = (long)(options.ConfirmTimeout.TotalSeconds * time.TimestampFrequency);
        using var timer = new PeriodicTimer(period, time);
        while (await timer.WaitForNextTickAsync(ended))
        {
            _window.FailOlderThan(
                time.GetTimestamp() - timeout,
                $"the broker did not confirm it within {options.ConfirmTimeout.TotalSeconds:0.###} s. "
                + "It may have arrived; publish it again with the same context");
        }
    }

    private Task Confirmed(ulong sequenceNumber, bool multiple, bool acknowledged)
    {
        _window.Confirm(sequenceNumber, multiple, acknowledged);
        return Task.CompletedTask;
    }
}
