using Google.Protobuf;

namespace OrderFlow.Messaging.Publishing;

/// <summary>What the outbox publishes: the same steps, for events that were encoded when their handler caused them.</summary>
internal sealed partial class EventPublisher : IEncodedEventPublisher
{
    public string WireTypeOf(IMessage @event) => RouteOf(@event).WireType;

    public int VersionOf(IMessage @event) => RouteOf(@event).Version;

    public async Task<IReadOnlyList<Exception?>> PublishAsync(IReadOnlyList<EncodedEvent> events, CancellationToken cancellationToken)
    {
        var failures = new Exception?[events.Count];
        var all = new OutgoingPublish?[events.Count];
        var tapped = new PendingPublish?[events.Count];
        try
        {
            for (var i = 0; i < all.Length; i++)
            {
                (all[i], failures[i]) = Begin(events[i]);
                if (all[i] is not { } publishing)
                {
                    continue;
                }

                // An event of the outbox has happened, whatever the broker says of it: its copy need not wait for that.
                var copy = tapped[i] = WireTapCopies.Of(publishing.Message);
                var failure = await HandOverAsync(publishing.Message, cancellationToken) ?? await HandOverAsync(copy, cancellationToken);
                if (failure is { } notTaken)
                {
                    copy.ReleaseBody();
                    // Each hand-over waits a little for the broker. Once is enough for all.
                    Array.Fill(failures, notTaken, i + 1, failures.Length - i - 1);
                    break;
                }
            }

            for (var i = 0; i < all.Length; i++)
            {
                if (all[i] is { } publishing)
                {
                    failures[i] = await FinishAnywayAsync(publishing, tapped[i]!, cancellationToken);
                }
            }

            return failures;
        }
        finally
        {
            Array.ForEach(all, publishing => publishing?.Dispose());
        }
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

    /// <summary>
    /// Nothing that is wrong with one event may keep the outcome of the others from the outbox. Both are sent again when its copy failed.
    /// </summary>
    private async Task<Exception?> FinishAnywayAsync(OutgoingPublish publishing, PendingPublish copy, CancellationToken cancellationToken)
    {
        try
        {
            if (await FinishAsync(publishing, cancellationToken) is { } failure)
            {
                return failure;
            }

            await copy.Task.WaitAsync(cancellationToken);
            return null;
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
