using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Operations.WireTap;
using OrderFlow.Monitor.Hosting;
using OrderFlow.Monitor.Storage;

namespace OrderFlow.Monitor.Ingestion;

/// <summary>
/// Stores the life-cycle events that the tap delivers. One about no event, or about one older than the retention, is skipped.
/// </summary>
internal sealed class LifecycleEventReceiver(LifecycleEventStore store, Retention retention, ILogger<LifecycleEventReceiver> logger)
{
    public static bool IsLifecycleEvent(TappedMessage message) => message.Exchange == LifecycleEventNames.Exchange;

    public async Task ReceiveAsync(IReadOnlyList<TappedMessage> messages, CancellationToken cancellationToken)
    {
        var lifecycleEvents = new List<LifecycleEvent>();
        foreach (var message in messages)
        {
            if (LifecycleEvent.Read(message) is { } lifecycleEvent
                && Unstorable.WhyNot(message, retention.FirstDay, retention.LastDay) is null)
            {
                lifecycleEvents.Add(lifecycleEvent);
            }
            else
            {
                Log.LifecycleEventSkipped(logger, message.RoutingKey, message.Problem);
            }
        }

        await StoreAsync(lifecycleEvents, cancellationToken);
    }

    private async Task StoreAsync(List<LifecycleEvent> lifecycleEvents, CancellationToken cancellationToken)
    {
        try
        {
            await store.StoreAsync(lifecycleEvents, cancellationToken);
        }
        catch (Exception exception) when (Unstorable.IsOfContent(exception))
        {
            if (lifecycleEvents.Count == 1)
            {
                Log.LifecycleEventSkipped(logger, lifecycleEvents[0].Kind, Unstorable.Why(exception));
                return;
            }

            var half = lifecycleEvents.Count / 2;
            await StoreAsync(lifecycleEvents[..half], cancellationToken);
            await StoreAsync(lifecycleEvents[half..], cancellationToken);
        }
    }
}
