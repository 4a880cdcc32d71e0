using Microsoft.Extensions.Logging;
using OrderFlow.Messaging.Connections;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Topology;
using RabbitMQ.Client;

namespace OrderFlow.Messaging.Publishing;

/// <summary>
/// Sends listeners their copies of what was published without an outbox: after the broker has taken the event, so that nobody hears of one
/// that was refused. The publisher waits for its copy a little, so that what it calls published is in the listeners' queues, but nothing
/// depends on it. What comes while others are on their way goes together.
/// </summary>
internal sealed class WireTapCopies(PublisherConnection connection, TimeProvider time, ILogger<WireTapCopies> logger)
{
    /// <summary>Messages that go in one at most.</summary>
    public const int MostPacked = 64;

    private static readonly CachedString Exchange = new(WireTapExchange.Exchange);

    /// <summary>What a publisher waits for its copy at most.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>How long it is tried again when the broker goes away between the event and its copy.</summary>
    private static readonly TimeSpan GivenUpAfter = TimeSpan.FromMinutes(2);

    private readonly Lock _gate = new();
    private List<Waiting> _waiting = [];
    private bool _sending;

    /// <summary>The same message for the listeners; taken before the event is handed over, for its body is gone afterwards.</summary>
    public static PendingPublish Of(PendingPublish original) => Of(original, original.Body.Span);

    /// <summary>Sends copies; returns when the broker has them, or after a second while they are still tried.</summary>
    public async Task SendAsync(IReadOnlyList<PendingPublish> copies, CancellationToken cancellationToken)
    {
        List<Waiting> added = [.. copies.Select(copy => new Waiting(copy))];
        var begin = false;
        lock (_gate)
        {
            _waiting.AddRange(added);
            (begin, _sending) = (!_sending, true);
        }

        if (begin)
        {
            _ = SendAllAsync();
        }

        await Task.WhenAll(added.Select(one => one.Task)).WaitAsync(Patience, time, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>
    /// Sends all that waits, and what comes meanwhile. While the broker is away, a message that waits for it holds up nobody.
    /// </summary>
    private async Task SendAllAsync()
    {
        while (true)
        {
            List<Waiting> taken;
            lock (_gate)
            {
                if (_waiting.Count == 0)
                {
                    _sending = false;
                    return;
                }

                (taken, _waiting) = (_waiting, []);
            }

            List<Task> sending =
            [
                .. Packs.Of(taken.ConvertAll(one => one.Copy), MostPacked).Select(async pack =>
                {
                    await SendAsync(pack.Message);
                    pack.Members.ForEach(index => taken[index].TrySetResult());
                }),
            ];
            await Task.WhenAll(sending).WaitAsync(Patience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
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
                copy = Of(copy, again);
            }
        }
    }

    private static PendingPublish Of(PendingPublish original, ReadOnlySpan<byte> body) =>
        PendingPublish.Copying(body, Exchange, original.RoutingKey, requireSubscriber: false, original.Properties);

    private sealed class Waiting(PendingPublish copy) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public PendingPublish Copy { get; } = copy;
    }
}
