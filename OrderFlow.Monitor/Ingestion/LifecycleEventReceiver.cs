using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Operations.WireTap;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>Stores the notices that the tap brings. What is about no event, or about one older than the retention, is left out.</summary>
internal sealed class LifecycleEventReceiver(LifecycleEventStore store, Retention retention, ILogger<LifecycleEventReceiver> logger)
{
    public static bool IsNotice(TappedMessage message) => message.Exchange == LifecycleEventNames.Exchange;

    public async Task ReceiveAsync(IReadOnlyList<TappedMessage> messages, CancellationToken cancellationToken)
    {
        var notices = new List<LifecycleEvent>();
        foreach (var message in messages)
        {
            if (LifecycleEvent.Read(message) is { } notice && Unstorable.WhyNot(message, retention.FirstDay, retention.LastDay) is null)
            {
                notices.Add(notice);
            }
            else
            {
                Log.NoticeLeftOut(logger, message.RoutingKey, message.Problem);
            }
        }

        await StoreAsync(notices, cancellationToken);
    }

    private async Task StoreAsync(List<LifecycleEvent> notices, CancellationToken cancellationToken)
    {
        try
        {
            await store.StoreAsync(notices, cancellationToken);
        }
        catch (Exception exception) when (Unstorable.IsOfContent(exception))
        {
            if (notices.Count == 1)
            {
                Log.NoticeLeftOut(logger, notices[0].Kind, Unstorable.Why(exception));
                return;
            }

            var half = notices.Count / 2;
            await StoreAsync(notices[..half], cancellationToken);
            await StoreAsync(notices[half..], cancellationToken);
        }
    }
}
