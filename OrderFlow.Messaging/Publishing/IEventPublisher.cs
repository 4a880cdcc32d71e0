using Google.Protobuf;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Messaging.Publishing;

/// <summary>Publishes events that begin a flow. Inside a handler use <c>IHandlingContext.PublishAsync</c>, which continues one.</summary>
public interface IEventPublisher
{
    /// <summary>Publishes one event and returns when the broker has confirmed it.</summary>
    /// <exception cref="PublishException">The broker did not take the event; <see cref="PublishException.Reason"/> says why. It may be
    /// tried again with the same context.</exception>
    Task PublishAsync(IMessage @event, EventContext context, CancellationToken cancellationToken);

    /// <summary>Publishes a batch, pipelined, and returns when the broker has confirmed all of it.</summary>
    /// <exception cref="PublishException">At least one event was not taken.</exception>
    Task PublishAsync(IReadOnlyCollection<OutgoingEvent> events, CancellationToken cancellationToken);
}

/// <summary>An event and what travels with it.</summary>
public readonly record struct OutgoingEvent(IMessage Event, EventContext Context);
