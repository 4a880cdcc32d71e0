using System.Buffers;
using Microsoft.Extensions.Logging;
using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Topology;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Publishing;

/// <summary>
/// Sends listeners their copies of what was published without an outbox: after the broker has taken the event, so that nobody hears of one
/// that was refused. The publisher waits for its copy a little, so that what it calls published is in the listeners' queues, but nothing
/// depends on it.
/// </summary>
internal sealed class WireTapCopies(PublisherConnection connection, TimeProvider time, ILogger<WireTapCopies> logger)
{
    private static readonly CachedString Exchange = new(WireTapExchange.Exchange);

    /// <summary>What a publisher waits for its copy at most.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>How long it is tried again when the broker goes away between the event and its copy.</summary>
    private static readonly TimeSpan GivenUpAfter = TimeSpan.FromMinutes(2);

    /// <summary>The same message for the listeners; taken before the event is handed over, for its body is gone afterwards.</summary>
    public static PendingPublish Of(PendingPublish original)
    {
        var body = ArrayPool<byte>.Shared.Rent(original.Length);
        original.Body.CopyTo(body);
        return new PendingPublish(Exchange, original.RoutingKey, requireSubscriber: false, original.Properties, body, original.Length);
    }

    /// <summary>Sends copies; returns when the broker has them, or after a second while they are still tried.</summary>
    public async Task SendAsync(IReadOnlyList<PendingPublish> copies, CancellationToken cancellationToken)
    {
        var sending = copies.Select(copy => SendAsync(copy)).ToList();
        await Task.WhenAll(sending).WaitAsync(Patience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task SendAsync(PendingPublish copy)
    {
        var again = copy.Body.ToArray();
        var since = time.GetTimestamp();
        for (var backoff = new Backoff(time); ;)
        {
            try
            {
                await connection.SendAsync(copy);
                return;
            }
            catch (InvalidOperationException exception)
            {
                Log.CopyNotSent(logger, copy.RoutingKey.Value, copy.Properties.MessageId, exception);
                return;
            }
            catch (PublishException exception) when (time.GetElapsedTime(since) > GivenUpAfter)
            {
                Log.CopyNotSent(logger, copy.RoutingKey.Value, copy.Properties.MessageId, exception);
                return;
            }
            catch (PublishException)
            {
                await Task.Delay(backoff.Next(), time);
                copy = new PendingPublish(
                    Exchange, copy.RoutingKey, requireSubscriber: false, copy.Properties, Rented(again), again.Length);
            }
        }
    }

    private static byte[] Rented(byte[] content)
    {
        var body = ArrayPool<byte>.Shared.Rent(content.Length);
        content.CopyTo(body, 0);
        return body;
    }
}
