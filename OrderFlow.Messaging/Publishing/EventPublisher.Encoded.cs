using Google.Protobuf;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Messaging.Publishing;

/// <summary>What the outbox publishes: the same steps, for events that were encoded when their handler caused them.</summary>
internal sealed partial class EventPublisher : IEncodedEventPublisher
{
    public string WireTypeOf(IMessage @event) => RouteOf(@event).WireType;

    public int VersionOf(IMessage @event) => RouteOf(@event).Version;

    public async Task<IReadOnlyList<Exception?>> PublishAsync(
        IReadOnlyList<EncodedEvent> events, bool packed, CancellationToken cancellationToken)
    {
        var failures = new Exception?[events.Count];
        var all = new List<(int Index, OutgoingPublish Publishing)>(events.Count);
        try
        {
            for (var i = 0; i < events.Count; i++)
            {
                (var begun, failures[i]) = Begin(events[i]);
                if (begun is not null)
                {
                    all.Add((i, begun));
                }
            }

            var most = packed ? _mostPacked : 1;
            var packs = Packs.Of(all.ConvertAll(one => one.Publishing.Message), most);
            var tapped = packs.ConvertAll(pack => WireTapCopies.Of(pack.Message));
            // An event of the outbox has happened, whatever the broker says of it: its copy need not wait for that. What goes alone may
            // wait a moment for others.
            var waits = tapped.ToLookup(copy => most > 1 && PackedMessages.CanPack(copy.Properties));
            var (taken, notTaken) = await HandOverAsync([.. packs.Select(pack => pack.Message), .. waits[false]], cancellationToken);
            foreach (var copy in waits[true])
            {
                if (notTaken is null)
                {
                    lingering.Add(copy);
                }
                else
                {
                    copy.Drop(notTaken);
                }
            }

            for (var i = 0; i < packs.Count; i++)
            {
                foreach (var (index, publishing) in packs[i].Members.Select(member => all[member]))
                {
                    failures[index] = i <= taken
                        ? await OutcomeAsync(FinishAsync(publishing, packs[i].Message, cancellationToken))
                        : notTaken;
                }
            }

            for (var i = 0; i < packs.Count; i++)
            {
                var copied = await OutcomeAsync(WaitAsync(tapped[i], cancellationToken));
                // Both are sent again when the copy failed.
                packs[i].Members.ForEach(member => failures[all[member].Index] ??= copied);
            }

            return failures;
        }
        finally
        {
            all.ForEach(one => one.Publishing.Dispose());
        }
    }

    /// <summary>Hands messages over until one is not taken: each waits a little for the broker, and once is enough for all.</summary>
    /// <returns>How many were taken, and why no more; the tasks of the others tell the same.</returns>
    private async Task<(int Taken, PublishException? NotTaken)> HandOverAsync(
        List<PendingPublish> messages, CancellationToken cancellationToken)
    {
        for (var taken = 0; taken < messages.Count; taken++)
        {
            if (await HandOverAsync(messages[taken], cancellationToken) is { } notTaken)
            {
                foreach (var message in messages.Skip(taken + 1))
                {
                    message.Drop(notTaken);
                }

                return (taken, notTaken);
            }
        }

        return (messages.Count, null);
    }

    private (OutgoingPublish? Publishing, Exception? Failure) Begin(EncodedEvent @event)
    {
        if (!wiring.PublishedByWireType.TryGetValue(@event.WireType, out var route))
        {
            return (null, new InvalidOperationException(
                $"{wiring.Service} does not publish {@event.WireType} (any more), but {@event.Context.EventId} waits in its outbox. " +
                "Declare the event with .Publishes<…>() where the service calls AddMessaging, or delete the row."));
        }

        try
        {
            return (start.Begin(route, new EventBody(@event.Body), @event.Context, @event.Trace, @event.DueAt is not null), null);
        }
        catch (ArgumentException exception)
        {
            return (null, exception);
        }
    }

    private static async ValueTask<PublishException?> WaitAsync(PendingPublish copy, CancellationToken cancellationToken)
    {
        await copy.Task.WaitAsync(cancellationToken);
        return null;
    }

    /// <summary>Nothing that is wrong with one event may keep the outcome of the others from the outbox.</summary>
    private static async Task<Exception?> OutcomeAsync(ValueTask<PublishException?> sending)
    {
        try
        {
            return await sending;
        }
        catch (PublishException exception)
        {
            return exception;
        }
        catch (InvalidOperationException exception)
        {
            return exception;
        }
    }
}
