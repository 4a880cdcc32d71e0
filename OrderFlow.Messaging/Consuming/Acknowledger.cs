using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace OrderFlow.Messaging.Consuming;

/// <summary>
/// Sends the acknowledgements of one channel: at once when nothing else is being handled, otherwise gathered for a moment.
/// </summary>
internal sealed class Acknowledger(IChannel channel, AckCoalescer acks, TimeProvider time)
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(2);

    /// <summary>
    /// A quorum queue lets a channel have 32 commands under way; acknowledgements beyond that wait inside the broker, which forgets them
    /// when the channel closes. So the last ones are sent a few at a time.
    /// </summary>
    private const int LastAtATime = 16;
    private static readonly TimeSpan BetweenLast = TimeSpan.FromMilliseconds(10);
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private volatile bool _completed;

    public async ValueTask SettleAsync(Delivery delivery, Settlement settlement)
    {
        switch (delivery.Pack is { } pack ? pack.Settle(settlement) : settlement)
        {
            case Settlement.Acknowledge:
                acks.Finish(delivery.Tag);
                Signal();
                break;
            case Settlement.Reject:
                await channel.BasicNackAsync(delivery.Tag, multiple: false, requeue: false);
                acks.Forget(delivery.Tag);
                break;
            case Settlement.Keep:
            case Settlement.Later:
            default:
                // Unacknowledged it stays until the channel closes, or until others that came with it are settled.
                break;
        }
    }

    /// <summary>Flushes until told to complete, or until the channel is gone and with it everything unacknowledged.</summary>
    public async Task RunAsync(CancellationToken ended)
    {
        var singles = new List<ulong>();
        try
        {
            while (!_completed)
            {
                await _signal.Reader.ReadAsync(ended);
                if (!acks.IsDry && !_completed)
                {
                    await Task.Delay(Moment, time, ended);
                }

                await FlushAsync(singles, everything: false, ended);
                if (acks.HasFinished)
                {
                    // Behind an unfinished delivery: looked at again, also if nothing else finishes.
                    Signal();
                }
            }

            // Also what stands behind a delivery that goes back to the broker.
            await FlushAsync(singles, everything: true, ended);
        }
        catch (Exception exception) when (exception is AlreadyClosedException or ObjectDisposedException || ended.IsCancellationRequested)
        {
            // The broker delivers again what was not acknowledged.
        }
    }

    /// <summary>Nothing finishes any more: what has is acknowledged, and <see cref="RunAsync"/> returns.</summary>
    public void Complete()
    {
        _completed = true;
        Signal();
    }

    private void Signal() => _signal.Writer.TryWrite(true);

    private async Task FlushAsync(List<ulong> singles, bool everything, CancellationToken ended)
    {
        acks.Take(out var upTo, singles, everything);
        if (upTo != 0)
        {
            await channel.BasicAckAsync(upTo, multiple: true, ended);
        }

        for (var i = 0; i < singles.Count; i++)
        {
            if (everything && i > 0 && i % LastAtATime == 0)
            {
                await Task.Delay(BetweenLast, time, ended);
            }

            await channel.BasicAckAsync(singles[i], multiple: false, ended);
        }

        singles.Clear();
    }
}
