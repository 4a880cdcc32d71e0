using Google.Protobuf;
using OrderFlow.Messaging.Envelope;
using OrderFlow.Messaging.Publishing;

namespace OrderFlow.Messaging.Handlers;

/// <inheritdoc/>
internal sealed class HandlingContext(EventContext context, IEventPublisher publisher, TimeProvider time) : IHandlingContext
{
    public EventContext Event { get; } = context;

    public Task PublishAsync(IMessage @event, CancellationToken cancellationToken) =>
        publisher.PublishAsync(@event, Event.Caused(time), cancellationToken);
}
