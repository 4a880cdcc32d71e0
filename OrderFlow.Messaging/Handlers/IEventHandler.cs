using Google.Protobuf;
using OrderFlow.Messaging.Envelope;

namespace OrderFlow.Messaging.Handlers;

/// <summary>Handles one kind of event. Created from the service provider, in a scope of its own, for every delivery.</summary>
public interface IEventHandler<in TEvent>
    where TEvent : IMessage
{
    /// <summary>Returning acknowledges the event; throwing retries it and in the end dead-letters it. It is never lost.</summary>
    Task HandleAsync(IHandlingContext context, TEvent @event, CancellationToken cancellationToken);
}

/// <summary>Is told once when an event of the handler has used up its retries and is in the dead-letter queue.</summary>
public interface IDeadLetterObserver<in TEvent>
    where TEvent : IMessage
{
    void OnDeadLettered(EventContext context, TEvent @event, Exception exception);
}

/// <summary>What a handler knows of the event it handles, and how it causes others.</summary>
public interface IHandlingContext
{
    /// <summary>The handled event's context; <see cref="EventContext.Attempt"/> counts in-process retries, too.</summary>
    EventContext Event { get; }

    /// <summary>
    /// Publishes an event caused by the handled one (same flow, correlation and origin) and returns when the broker has confirmed it.
    /// </summary>
    /// <exception cref="Publishing.PublishException">The broker did not take it.</exception>
    Task PublishAsync(IMessage @event, CancellationToken cancellationToken);
}
