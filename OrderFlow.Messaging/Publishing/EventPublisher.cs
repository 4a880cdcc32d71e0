using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrderFlow.Messaging.Configuration;
using OrderFlow.Messaging.Diagnostics;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Routing;

namespace OrderFlow.Messaging.Publishing;

/// <summary>Publishes: span, encode, hand over, await the confirm, measure; then the copy for listeners.</summary>
internal sealed partial class EventPublisher(
    MessagingWiring wiring, PublishStart start, PublisherConnection connection, WireTapCopies copies, LingeringCopies lingering,
    IOptions<MessagingOptions> options, TimeProvider time, ILogger<EventPublisher> logger) : IEventPublisher
{
    private readonly int _mostPacked = options.Value.MostPacked;
    private readonly RefusedEvents _refused = new(time);

    public async Task PublishAsync(IMessage @event, EventContext context, CancellationToken cancellationToken)
    {
        using var publishing = Begin(@event, context);
        var copy = WireTapCopies.Of(publishing.Message);
        await HandOverAsync(publishing.Message, cancellationToken);
        if (await FinishAsync(publishing, publishing.Message, cancellationToken) is { } failure)
        {
            copy.ReleaseBody();
            throw failure;
        }

        await copies.SendAsync([copy], cancellationToken);
    }

    public async Task PublishAsync(IReadOnlyCollection<OutgoingEvent> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(events);
        var all = new List<(OutgoingPublish Publishing, PendingPublish Copy)>(events.Count);
        try
        {
            foreach (var (@event, context) in events)
            {
                var publishing = Begin(@event, context);
                all.Add((publishing, WireTapCopies.Of(publishing.Message)));
                await HandOverAsync(publishing.Message, cancellationToken);
            }

            var failures = new List<PublishException>();
            var published = new List<PendingPublish>(all.Count);
            foreach (var (publishing, copy) in all)
            {
                if (await FinishAsync(publishing, publishing.Message, cancellationToken) is { } failure)
                {
                    failures.Add(failure);
                    copy.ReleaseBody();
                }
                else
                {
                    published.Add(copy);
                }
            }

            await copies.SendAsync(published, cancellationToken);

            if (failures is [var first, ..])
            {
                throw all.Count == 1 ? first : new PublishException(
                    first.Reason, $"{failures.Count} of {all.Count} events were not published. The first: {first.Message}", first)
                {
                    MayHaveArrived = failures.Exists(failure => failure.MayHaveArrived),
                };
            }
        }
        finally
        {
            all.ForEach(one => one.Publishing.Dispose());
        }
    }

    private OutgoingPublish Begin(IMessage @event, EventContext context)
    {
        ArgumentNullException.ThrowIfNull(@event);
        ArgumentNullException.ThrowIfNull(context);
        var route = RouteOf(@event);
        var publishing = start.Begin(route, new EventBody(@event), context.OfVersion(route.Version));
        publishing.Message.MayBePacked = wiring.PublishesInAnyOrder;
        return publishing;
    }

    private PublishRoute RouteOf(IMessage @event) => wiring.Published.TryGetValue(@event.Descriptor, out var route)
        ? route
        : throw new InvalidOperationException(
            $"{wiring.Service} does not publish {@event.Descriptor.FullName}. "
            + $"Add .Publishes<{@event.Descriptor.Name}>() where the service calls AddMessaging.");

    /// <summary>Hands over, and returns why it could not; the message's task then tells the same.</summary>
    private async ValueTask<PublishException?> HandOverAsync(PendingPublish message, CancellationToken cancellationToken)
    {
        try
        {
            await connection.EnqueueAsync(message, cancellationToken);
            return null;
        }
        catch (PublishException exception)
        {
            message.Drop(exception);
            return exception;
        }
    }

    /// <param name="publishing">The event.</param>
    /// <param name="sent">The message that it goes in.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    private async ValueTask<PublishException?> FinishAsync(
        OutgoingPublish publishing, PendingPublish sent, CancellationToken cancellationToken)
    {
        try
        {
            await sent.Task.WaitAsync(cancellationToken);
            publishing.Measurement.Succeeded();
            _refused.Taken(publishing.WireType);
            Log.Published(
                logger, publishing.WireType, publishing.Message.Properties.MessageId, publishing.Message.Properties.CorrelationId);
            return null;
        }
        catch (PublishException exception)
        {
            publishing.Measurement.Failed(exception.Reason);
            if (exception.Reason == PublishFailure.Nacked && _refused.Refused(publishing.WireType))
            {
                Log.RefusedForLong(logger, publishing.WireType);
                connection.Renew();
            }

            return exception;
        }
    }
}
